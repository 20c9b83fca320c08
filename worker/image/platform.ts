// Which image of a multi-platform index fits this node.
import { arch } from 'node:os';
import type { Descriptor } from './documents.ts';
import { wrongPlatform } from './errors.ts';

const GO_NAMES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  ppc64: 'ppc64le',
};

/** This node's platform in Go's words, as images name it. */
export function localPlatform(): { readonly os: string; readonly architecture: string } {
  return { os: 'linux', architecture: GO_NAMES[arch()] ?? arch() };
}

export function platformName(platform: { readonly os: string; readonly architecture: string }): string {
  return `${platform.os}/${platform.architecture}`;
}

/** @param wanted `os/arch`, or empty for this node's. @throws SkeinError `wrong-platform` */
export function choosePlatform(index: readonly Descriptor[], wanted: string, reference: string): Descriptor {
  const want = wanted === '' ? platformName(localPlatform()) : wanted.split('/').slice(0, 2).join('/');
  // An entry that names no platform is its index's only image (archives of one image).
  const found =
    index.find((item) => item.platform !== undefined && platformName(item.platform) === want) ??
    (index.length === 1 && index[0]?.platform === undefined ? index[0] : undefined);
  if (found === undefined) {
    const have = index.map((item) => (item.platform === undefined ? 'unknown' : platformName(item.platform)));
    throw wrongPlatform(
      reference,
      have.filter((name) => name !== 'unknown/unknown').join(', ') || 'none',
      want,
    );
  }
  return found;
}

export function checkPlatform(
  image: { readonly os: string; readonly architecture: string },
  reference: string,
): void {
  const local = localPlatform();
  if (
    (image.os !== '' && image.os !== local.os) ||
    (image.architecture !== '' && image.architecture !== local.architecture)
  ) {
    throw wrongPlatform(reference, platformName(image), platformName(local));
  }
}
