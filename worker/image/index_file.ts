// Which images this node has: names, digests, layers and who holds them, in one file replaced atomically.
import { open, readFile, rename } from 'node:fs/promises';
import { SkeinError } from '../../shared/errors.ts';

/** A layer of an image: its uncompressed digest and the blob it came as. */
export interface LayerRecord {
  readonly diffId: string;
  readonly blob: string;
  readonly mediaType: string;
}

export interface ImageRecord {
  readonly id: string;
  readonly layers: readonly LayerRecord[];
  /** The manifest as it came, for pulls by digest; made here for archives of older formats. */
  readonly manifest: string;
  readonly sizeBytes: number;
}

export interface ImageIndex {
  readonly version: 1;
  readonly images: Readonly<Record<string, ImageRecord>>;
  /** `name:tag` → image id. */
  readonly tags: Readonly<Record<string, string>>;
  /** `name@sha256:…` → image id. */
  readonly digests: Readonly<Record<string, string>>;
  /** holder (a task id) → image id. */
  readonly holds: Readonly<Record<string, string>>;
}

const EMPTY: ImageIndex = { version: 1, images: {}, tags: {}, digests: {}, holds: {} };

export async function readIndex(path: string): Promise<ImageIndex> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return EMPTY;
    }
    throw error;
  }
  const parsed: unknown = parse(path, text);
  if (typeof parsed !== 'object' || parsed === null || Reflect.get(parsed, 'version') !== 1) {
    throw unreadable(path);
  }
  return { ...EMPTY, ...parsed };
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause?: unknown): SkeinError {
  return new SkeinError(
    'internal',
    'image-index-unreadable',
    `${path} is damaged or of a newer version: move its directory away and load the images again`,
    { cause },
  );
}

export async function writeIndex(path: string, index: ImageIndex): Promise<void> {
  const next = `${path}.next`;
  const file = await open(next, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(index));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}
