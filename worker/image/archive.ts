// An image archive on the way in: its members laid out in a scratch directory, then read as an OCI layout
// or as `docker save` writes it.
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import { decompressed } from './compression.ts';
import {
  type Descriptor,
  isIndex,
  parseIndex,
  parseJson,
  parseManifest,
  type Manifest,
} from './documents.ts';
import { writeEntry } from './entry_file.ts';
import { damaged, unsafeEntry } from './errors.ts';
import { choosePlatform } from './platform.ts';

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
const MAX_MEMBERS = 10_000;

/** One image found in an archive, its parts still in the scratch directory. */
export interface ArchivedImage {
  readonly config: string;
  readonly layers: readonly {
    readonly path: string;
    readonly digest: string | undefined;
    readonly mediaType: string;
  }[];
  /** `name:tag` list. */
  readonly names: readonly string[];
  readonly manifest: string | undefined;
}

/** Writes the members out. @throws SkeinError `unsafe-entry`, `image-damaged` */
export async function layOut(archive: Readable, directory: string, signal: AbortSignal): Promise<void> {
  const reader = extract();
  const feed = pipeline(decompressed(archive, 'the archive'), reader, { signal });
  feed.catch(() => undefined);
  let members = 0;
  try {
    for await (const member of reader) {
      members += 1;
      if (members > MAX_MEMBERS) {
        throw unsafeEntry(member.header.name, `is one too many (more than ${MAX_MEMBERS})`);
      }
      const path = memberPath(directory, member.header.name);
      if (member.header.type === 'file') {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeEntry(path, member, 'w');
      }
      member.resume();
    }
    await feed;
  } catch (error) {
    if (error instanceof SkeinError || signal.aborted || (error instanceof Error && 'errno' in error)) {
      throw error;
    }
    throw damaged('the archive', errorMessage(error), error);
  }
}

function memberPath(directory: string, name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0')) {
    throw unsafeEntry(name, 'climbs out of the archive');
  }
  return join(directory, ...parts);
}

/** The images of a laid-out archive. `manifest.json` rules where both forms are there: it has the names. */
export async function readArchive(directory: string): Promise<ArchivedImage[]> {
  if (await exists(join(directory, 'manifest.json'))) {
    return readDockerArchive(directory);
  }
  if (await exists(join(directory, 'index.json'))) {
    return readOciLayout(directory);
  }
  throw damaged(
    'the archive',
    'it has neither manifest.json (docker save) nor index.json (OCI layout); for a root file system use image import',
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function document(directory: string, name: string): Promise<Buffer> {
  const path = memberPath(directory, name);
  try {
    if ((await stat(path)).size > MAX_DOCUMENT_BYTES) {
      throw damaged(`member ${name}`, 'it is too large');
    }
    return await readFile(path);
  } catch (error) {
    throw error instanceof SkeinError ? error : damaged('the archive', `${name} is missing`, error);
  }
}

async function readDockerArchive(directory: string): Promise<ArchivedImage[]> {
  let list: unknown;
  try {
    list = JSON.parse((await document(directory, 'manifest.json')).toString('utf8'));
  } catch (error) {
    throw error instanceof SkeinError ? error : damaged('manifest.json', 'it is no JSON', error);
  }
  if (!Array.isArray(list)) {
    throw damaged('manifest.json', 'it is no list of images');
  }
  return list.map((item: unknown) => {
    const field = (name: string): unknown =>
      typeof item === 'object' && item !== null ? Reflect.get(item, name) : undefined;
    const config = field('Config');
    const layers = field('Layers');
    const tags = field('RepoTags');
    if (typeof config !== 'string' || !Array.isArray(layers)) {
      throw damaged('manifest.json', 'an image without Config or Layers');
    }
    return {
      config: memberPath(directory, config),
      layers: layers.map((layer) => ({
        path: memberPath(directory, String(layer)),
        digest: undefined,
        mediaType: '',
      })),
      names: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
      manifest: undefined,
    };
  });
}

async function readOciLayout(directory: string): Promise<ArchivedImage[]> {
  const entries = parseIndex(parseJson(await document(directory, 'index.json'), 'index.json'), 'index.json');
  const images: ArchivedImage[] = [];
  for (const entry of entries) {
    const { manifest, digest } = await resolveManifest(directory, entry);
    const name =
      entry.annotations['io.containerd.image.name'] ??
      entry.annotations['org.opencontainers.image.ref.name'] ??
      '';
    images.push({
      config: blobPath(directory, manifest.config.digest),
      layers: manifest.layers.map((layer) => ({
        path: blobPath(directory, layer.digest),
        digest: layer.digest,
        mediaType: layer.mediaType,
      })),
      names: name.includes(':') ? [name] : [],
      manifest: blobPath(directory, digest),
    });
  }
  return images;
}

/** Follows an index inside the layout down to the manifest of this platform. */
async function resolveManifest(
  directory: string,
  entry: Descriptor,
): Promise<{ manifest: Manifest; digest: string }> {
  const what = `blob ${entry.digest}`;
  const json = parseJson(await document(directory, blobName(entry.digest)), what);
  if (!isIndex(entry.mediaType, json)) {
    return { manifest: parseManifest(json, what), digest: entry.digest };
  }
  const chosen = choosePlatform(parseIndex(json, what), '', 'the archive');
  const inner = parseJson(await document(directory, blobName(chosen.digest)), `blob ${chosen.digest}`);
  return { manifest: parseManifest(inner, `blob ${chosen.digest}`), digest: chosen.digest };
}

function blobName(digest: string): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

function blobPath(directory: string, digest: string): string {
  return join(directory, blobName(digest));
}

export function readPart(path: string): AsyncIterable<Buffer> {
  return createReadStream(path);
}
