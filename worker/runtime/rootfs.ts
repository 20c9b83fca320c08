// A container's root file system: overlayfs of the image's layers and a writable directory, and safe
// access to paths inside it (an image's symbolic links must not lead out).
import { lstat, mkdir, open, readlink, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MNT, mount, umount2 } from '../kernel/mount.ts';
import { hasErrno } from '../kernel/errors.ts';
import { badSpec } from './errors.ts';

/** The kernel follows as many (MAXSYMLINKS). */
const SYMLINKS_MAX = 40;
/** passwd and group files beyond this are not read: they would stall every start. */
const ACCOUNT_FILE_MAX_BYTES = 4 * 1024 * 1024;
/** mount(2) takes one page of options, with the closing zero. */
const OPTIONS_MAX_BYTES = 4095;

/**
 * Mounts the layers on `<bundle>/merged`. Paths in the options are relative to the bundle, and layers with
 * long names go by short links, so that some hundred layers fit into the kernel's one page.
 * @param writable directory for what is written, which outlives the bundle; absent: the bundle itself
 */
export async function mountRoot(
  bundle: string,
  lowerDirs: readonly string[],
  writable?: string,
): Promise<string> {
  const merged = join(bundle, 'merged');
  const [upper, work] =
    writable === undefined ? ['upper', 'work'] : [`${writable}/upper`, `${writable}/work`];
  for (const directory of [upper, work, 'merged']) {
    await mkdir(resolve(bundle, directory), { recursive: true, mode: 0o755 });
  }
  const options = (layers: readonly string[]): string =>
    `lowerdir=${layers.join(':')},upperdir=${upper},workdir=${work}`;
  const needLinks = options(lowerDirs).length > OPTIONS_MAX_BYTES || lowerDirs.some((d) => /[:,\\]/.test(d));
  const layers = needLinks ? await linkLayers(bundle, lowerDirs) : lowerDirs;
  // The working directory is changed for one synchronous call only: nothing else runs meanwhile.
  const before = process.cwd();
  process.chdir(bundle);
  try {
    mount('overlay', merged, 'overlay', 0, options(layers));
  } finally {
    process.chdir(before);
  }
  return merged;
}

/** Unmounts a path if it is mounted; a busy one is detached and goes when its last user goes. */
export function unmountIfMounted(path: string): void {
  try {
    umount2(path, MNT.DETACH | MNT.UMOUNT_NOFOLLOW);
  } catch (error) {
    if (!hasErrno(error, 'EINVAL', 'ENOENT')) {
      throw error;
    }
  }
}

/** Host path of `path` inside `root`, with links resolved as the container would see them. */
export async function resolveInRoot(root: string, path: string): Promise<string> {
  const waiting = path.split('/').reverse();
  const done: string[] = [];
  let links = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === '' || part === '.') {
      continue;
    }
    if (part === '..') {
      done.pop();
      continue;
    }
    const target = await linkTarget(join(root, ...done, part));
    if (target === undefined) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > SYMLINKS_MAX) {
      throw badSpec(`too many symbolic links in the image's ${path}`);
    }
    if (target.startsWith('/')) {
      done.length = 0;
    }
    waiting.push(...target.split('/').reverse());
  }
  return join(root, ...done);
}

/** Text of an account file of the image; empty when it has none. */
export async function readAccountFile(root: string, path: string): Promise<string> {
  const resolved = await resolveInRoot(root, path);
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(resolved, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      return '';
    }
    throw error;
  }
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > ACCOUNT_FILE_MAX_BYTES) {
      throw badSpec(`the image's ${path} is no plain file of at most ${ACCOUNT_FILE_MAX_BYTES} bytes`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Makes the working directory, as Docker does, when the image lacks it. */
export async function ensureDirectory(root: string, path: string): Promise<void> {
  await mkdir(await resolveInRoot(root, path), { recursive: true, mode: 0o755 });
}

async function linkLayers(bundle: string, lowerDirs: readonly string[]): Promise<readonly string[]> {
  await mkdir(join(bundle, 'l'), { recursive: true, mode: 0o700 });
  return await Promise.all(
    lowerDirs.map(async (directory, index) => {
      const short = `l/${index.toString(36)}`;
      await symlink(directory, join(bundle, short));
      return short;
    }),
  );
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}
