// Unpacked layers, one directory each, named by the digest of their uncompressed tar. A layer stands
// under its name only when it is whole; images share layers of the same digest.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from './errors.ts';
import { decompressed } from './compression.ts';
import { unpackLayer } from './unpack.ts';

/** overlayfs takes its options in one page: 127 layers need short names. */
const NAME_LENGTH = 26;

export class LayerStore {
  private readonly directory: string;
  private readonly incoming: string;
  /** Unpackings under way: two pulls of one layer share the work. */
  private readonly pending = new Map<string, Promise<void>>();

  constructor(directory: string) {
    this.directory = join(directory, 'l');
    this.incoming = join(directory, 'unpacking');
  }

  async open(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o711 });
    await rm(this.incoming, { recursive: true, force: true });
    await mkdir(this.incoming, { recursive: true, mode: 0o700 });
  }

  path(diffId: string): string {
    return join(this.directory, nameOf(diffId));
  }

  async has(diffId: string): Promise<boolean> {
    try {
      return (await stat(this.path(diffId))).isDirectory();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return false;
      }
      throw error;
    }
  }

  /** Unpacks the layer unless it is here. @throws SkeinError `image-damaged` when its tar is not the one of `diffId` */
  async ensure(diffId: string, blob: () => AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const running = this.pending.get(diffId);
    if (running !== undefined) {
      return running;
    }
    if (await this.has(diffId)) {
      return;
    }
    const work = this.unpack(diffId, blob(), signal).finally(() => this.pending.delete(diffId));
    this.pending.set(diffId, work);
    return work;
  }

  async remove(diffId: string): Promise<void> {
    await rm(this.path(diffId), { recursive: true, force: true });
  }

  /** Removes every layer that is not named. */
  async retain(diffIds: ReadonlySet<string>): Promise<void> {
    const kept = new Set([...diffIds].map(nameOf));
    for (const name of await readdir(this.directory)) {
      if (!kept.has(name)) {
        await rm(join(this.directory, name), { recursive: true, force: true });
      }
    }
  }

  private async unpack(diffId: string, blob: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const temporary = join(this.incoming, nameOf(diffId));
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { mode: 0o755 });
    const hash = createHash('sha256');
    async function* hashed(): AsyncGenerator<Buffer> {
      for await (const chunk of decompressed(blob, `layer ${diffId}`)) {
        hash.update(chunk);
        yield chunk;
      }
    }
    try {
      await unpackLayer(hashed(), temporary, signal);
      const digest = `sha256:${hash.digest('hex')}`;
      if (digest !== diffId) {
        throw damaged(`layer ${diffId}`, `its uncompressed digest is ${digest}`);
      }
      await rename(temporary, this.path(diffId));
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }
}

/** 26 hexadecimal digits are 104 bits: no two layers of one node meet. */
function nameOf(diffId: string): string {
  return diffId.slice('sha256:'.length, 'sha256:'.length + NAME_LENGTH);
}
