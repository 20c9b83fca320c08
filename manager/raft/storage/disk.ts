// The narrow view of a file system that raft's storage uses, so that a simulator can put its own in place,
// and the real one on node:fs/promises. Paths are absolute; files are made 0600 and directories 0700.
import { constants, writev } from 'node:fs';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

export interface DiskFile {
  /** Writes all parts one after the other from `position` on. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** As `write`, and durable when it resolves: one turn of the kernel's where the file was opened as `log`. */
  writeDurably(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** At most `length` bytes; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  size(): Promise<number>;
  truncate(size: number): Promise<void>;
  /** Data and size are durable when this resolves (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenMode = 'read' | 'update' | 'create' | 'log';

export interface Disk {
  /**
   * `create` makes an empty file or empties an old one; `log` does so for a file that is mostly written durably;
   * the others need it to exist.
   */
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Names in a directory, sorted; none when it does not exist. */
  list(directory: string): Promise<readonly string[]>;
  makeDirectory(path: string): Promise<void>;
  /** Replaces `to`; durable only after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  /** Does nothing when the file is not there. Open files stay readable. */
  remove(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

const { O_RDWR, O_CREAT, O_TRUNC, O_DSYNC } = constants;
/** With O_DSYNC each write is followed by fdatasync inside the kernel: one passage through the thread pool, not two. */
const FLAGS = { read: 'r', update: 'r+', create: 'w+', log: O_RDWR | O_CREAT | O_TRUNC | O_DSYNC } as const;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

class RealFile implements DiskFile {
  private readonly handle: FileHandle;
  /** Every write is durable when it returns. */
  private readonly durable: boolean;

  constructor(handle: FileHandle, mode: OpenMode) {
    this.handle = handle;
    this.durable = mode === 'log';
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    const bytesWritten = await writeParts(this.handle.fd, parts, position);
    if (bytesWritten < total) {
      // A short write: the disk is full or a signal came between. Write the rest or fail with the reason.
      const rest = Buffer.concat(parts).subarray(bytesWritten);
      await this.writeRest(rest, position + bytesWritten);
    }
  }

  async writeDurably(parts: readonly Uint8Array[], position: number): Promise<void> {
    await this.write(parts, position);
    if (!this.durable) {
      await this.handle.datasync();
    }
  }

  private async writeRest(rest: Buffer, position: number): Promise<void> {
    for (let done = 0; done < rest.length; ) {
      const { bytesWritten } = await this.handle.write(rest, done, rest.length - done, position + done);
      if (bytesWritten === 0) {
        throw new Error('the disk takes no more bytes');
      }
      done += bytesWritten;
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.handle.read(buffer, done, length - done, position + done);
      if (bytesRead === 0) {
        break;
      }
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  truncate(size: number): Promise<void> {
    return this.handle.truncate(size);
  }

  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

export const realDisk: Disk = {
  async open(path, mode) {
    return new RealFile(await open(path, FLAGS[mode], FILE_MODE), mode);
  },
  async list(directory) {
    try {
      return (await readdir(directory)).toSorted();
    } catch (error) {
      if (isMissing(error)) {
        return [];
      }
      throw error;
    }
  },
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  },
  rename,
  async remove(path) {
    try {
      await unlink(path);
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
    }
  },
  async syncDirectory(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** The callback form: every write of the cluster passes here, and the promised form costs several turns more. */
function writeParts(fd: number, parts: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(fd, parts, position, (error, bytesWritten) => {
      if (error === null) {
        resolve(bytesWritten);
      } else {
        reject(error);
      }
    });
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
