// Blobs by digest: manifests, configs and layers as they came. A blob has its name only once its bytes were
// checked; half-written ones live under another name and are swept at start.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { damaged } from './errors.ts';

/** Manifests and configs are small; a larger one is refused before it is read into memory. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

export interface Blob {
  readonly digest: string;
  readonly sizeBytes: number;
}

export class ContentStore {
  private readonly blobs: string;
  private readonly incoming: string;

  constructor(directory: string) {
    this.blobs = join(directory, 'blobs', 'sha256');
    this.incoming = join(directory, 'incoming');
  }

  /** Makes the directories and sweeps what an interrupted write left. */
  async open(): Promise<void> {
    await mkdir(this.blobs, { recursive: true, mode: 0o700 });
    await rm(this.incoming, { recursive: true, force: true });
    await mkdir(this.incoming, { recursive: true, mode: 0o700 });
  }

  path(digest: string): string {
    return join(this.blobs, digest.slice('sha256:'.length));
  }

  async has(digest: string): Promise<boolean> {
    return (await this.size(digest)) !== undefined;
  }

  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.path(digest))).size;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  read(digest: string): Readable {
    return createReadStream(this.path(digest));
  }

  /** A manifest or config, checked against its digest again: the disk may have changed it. */
  async document(digest: string): Promise<Buffer> {
    const size = await this.size(digest);
    if (size === undefined || size > MAX_DOCUMENT_BYTES) {
      throw damaged(
        `blob ${digest}`,
        size === undefined ? 'it is missing' : 'it is too large for a document',
      );
    }
    const bytes = await readFile(this.path(digest));
    if (digestOf(bytes) !== digest) {
      throw damaged(`blob ${digest}`, 'its bytes do not match its digest');
    }
    return bytes;
  }

  async put(bytes: Buffer): Promise<Blob> {
    const digest = digestOf(bytes);
    await this.write([bytes], digest, `blob ${digest}`);
    return { digest, sizeBytes: bytes.length };
  }

  /**
   * Streams a blob in, checking it on the way. With `expected` a difference is `image-damaged` and leaves
   * nothing; without, the digest is what it turns out to be.
   */
  async write(
    source: AsyncIterable<Buffer> | Iterable<Buffer>,
    expected: string | undefined,
    what: string,
  ): Promise<Blob> {
    const temporary = join(this.incoming, randomUUID());
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await open(temporary, 'wx', 0o600);
    try {
      for await (const chunk of source) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        // writeFile writes the rest of a short write or fails; write alone would lose it on a full disk.
        await file.writeFile(chunk);
      }
      await file.datasync();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    const digest = `sha256:${hash.digest('hex')}`;
    if (expected !== undefined && digest !== expected) {
      await rm(temporary, { force: true });
      throw damaged(what, `its digest is ${digest}, not ${expected}`);
    }
    await rename(temporary, this.path(digest));
    return { digest, sizeBytes };
  }

  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true });
  }

  async list(): Promise<string[]> {
    return (await readdir(this.blobs)).map((name) => `sha256:${name}`);
  }

  /** A directory of its own under `incoming`, for archives that must be seen whole; swept at start. */
  async scratch(): Promise<string> {
    const directory = join(this.incoming, randomUUID());
    await mkdir(directory, { mode: 0o700 });
    return directory;
  }
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
