// Snapshot files: written under a temporary name, synced, renamed, directory synced. A file holds a header,
// a record with the snapshot's name and members, the state in chunks, and an end record, all sealed and
// chained as in the log. It does not know what the chunks mean.
import { join } from 'node:path';
import type { Random } from '../../../shared/random.ts';
import type { Member, SnapshotMeta } from '../core/types.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Disk, DiskFile } from './disk.ts';
import { corrupt, wrongKey } from './errors.ts';
import { FRAME_HEAD_BYTES, FrameReader, frameBytes, frameRecord, MAX_SEALED_BYTES } from './frame.ts';
import { decodeHeader, encodeHeader, HEADER_BYTES } from './header.ts';
import { decodeMember, encodeMember, memberBytes } from './record.ts';
import { SALT_BYTES, Sealer } from './sealing.ts';

const NAME = /^([0-9a-f]{16})-([0-9a-f]{16})\.snap$/;
const TAG = { meta: 1, chunk: 2, end: 3 } as const;
/** Chunks are gathered into one write up to here. */
const WRITE_BYTES = 256 * 1024;

export interface SnapshotFilesOptions {
  readonly directory: string;
  readonly dataKey: Uint8Array;
}

/** A snapshot being written; ends with exactly one of `commit` and `abort`. */
export interface SnapshotWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the temporary file complete and durable; it becomes visible by `SnapshotFiles.publish`. */
  finish(): Promise<void>;
  abort(): Promise<void>;
}

export class SnapshotFiles {
  private readonly disk: Disk;
  private readonly random: Random;
  private readonly options: SnapshotFilesOptions;
  private temporaries = 0;

  constructor(dependencies: { readonly disk: Disk; readonly random: Random }, options: SnapshotFilesOptions) {
    this.disk = dependencies.disk;
    this.random = dependencies.random;
    this.options = options;
  }

  /** Removes what a crash left unfinished and names the newest snapshot, if there is one. */
  async newest(): Promise<SnapshotMeta | undefined> {
    const { directory } = this.options;
    await this.disk.makeDirectory(directory);
    const names = await this.disk.list(directory);
    for (const name of names.filter((each) => each.endsWith('.tmp'))) {
      await this.disk.remove(join(directory, name));
    }
    // A snapshot that was renamed right before the process was killed is about to be built upon.
    await this.disk.syncDirectory(directory);
    const last = names.filter((name) => NAME.test(name)).at(-1);
    return last === undefined ? undefined : await this.readMeta(join(directory, last));
  }

  /** Begins a snapshot under a temporary name. */
  async begin(meta: SnapshotMeta): Promise<{ readonly temporary: string; readonly writer: SnapshotWriter }> {
    this.temporaries += 1;
    const temporary = join(this.options.directory, `${nameOf(meta)}.${this.temporaries}.tmp`);
    const file = await this.disk.open(temporary, 'create');
    const writer = new Writer(this.disk, temporary, file);
    try {
      await writer.open(this.options.dataKey, this.random.bytes(SALT_BYTES), meta);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return { temporary, writer };
  }

  /** Gives a finished snapshot its name, durably. */
  async publish(temporary: string, meta: SnapshotMeta): Promise<void> {
    await this.disk.rename(temporary, join(this.options.directory, nameOf(meta)));
    await this.disk.syncDirectory(this.options.directory);
  }

  discard(temporary: string): Promise<void> {
    return this.disk.remove(temporary);
  }

  /** Removes every snapshot older than this one. */
  async removeBefore(meta: SnapshotMeta): Promise<void> {
    const keep = nameOf(meta);
    for (const name of await this.disk.list(this.options.directory)) {
      if (NAME.test(name) && name < keep) {
        await this.disk.remove(join(this.options.directory, name));
      }
    }
  }

  /** The chunks of a published snapshot, in order; throws for damage, also at the end. */
  async *read(meta: SnapshotMeta): AsyncGenerator<Uint8Array, void, undefined> {
    const path = join(this.options.directory, nameOf(meta));
    const file = await this.disk.open(path, 'read');
    try {
      const reader = await RecordReader.open(path, file, this.options.dataKey);
      await reader.next();
      for (;;) {
        const record = await reader.next();
        if (record[0] === TAG.end) {
          return;
        }
        yield record.subarray(1);
      }
    } finally {
      await file.close();
    }
  }

  private async readMeta(path: string): Promise<SnapshotMeta> {
    const file = await this.disk.open(path, 'read');
    try {
      const reader = await RecordReader.open(path, file, this.options.dataKey);
      return decodeMeta(path, await reader.next());
    } finally {
      await file.close();
    }
  }
}

class Writer implements SnapshotWriter {
  private readonly disk: Disk;
  private readonly path: string;
  private readonly file: DiskFile;
  private sealer: Sealer | undefined;
  private chain = 0;
  private records = 0;
  private position = 0;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;

  constructor(disk: Disk, path: string, file: DiskFile) {
    this.disk = disk;
    this.path = path;
    this.file = file;
  }

  async open(dataKey: Uint8Array, salt: Uint8Array, meta: SnapshotMeta): Promise<void> {
    this.sealer = new Sealer(dataKey, salt, 'snapshot');
    const header = encodeHeader({ kind: 'snapshot', sequence: 0, chain: 0, salt });
    await this.file.write([header], 0);
    this.position = header.length;
    this.add(encodeMeta(meta));
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.add(Buffer.concat([Buffer.from([TAG.chunk]), chunk]));
    if (this.waitingBytes >= WRITE_BYTES) {
      await this.flush();
    }
  }

  async finish(): Promise<void> {
    this.add(Buffer.from([TAG.end]));
    await this.flush();
    await this.file.sync();
    await this.file.close();
  }

  async abort(): Promise<void> {
    await this.file.close();
    await this.disk.remove(this.path);
  }

  private add(plain: Uint8Array): void {
    if (this.sealer === undefined) {
      throw new Error('the snapshot is not open');
    }
    const frame = frameRecord(this.chain, this.sealer.seal(this.records, plain));
    this.records += 1;
    this.chain = frame.chain;
    this.waiting.push(...frame.parts);
    this.waitingBytes += frame.bytes;
  }

  private async flush(): Promise<void> {
    const parts = this.waiting;
    const at = this.position;
    this.position += this.waitingBytes;
    this.waiting = [];
    this.waitingBytes = 0;
    await this.file.write(parts, at);
  }
}

/** Reads one sealed record after the other; a snapshot has no torn tail, so anything short is damage. */
class RecordReader {
  private readonly path: string;
  private readonly file: DiskFile;
  private readonly sealer: Sealer;
  private position = HEADER_BYTES;
  private chain = 0;
  private records = 0;

  private constructor(path: string, file: DiskFile, sealer: Sealer) {
    this.path = path;
    this.file = file;
    this.sealer = sealer;
  }

  static async open(path: string, file: DiskFile, dataKey: Uint8Array): Promise<RecordReader> {
    const header = decodeHeader(path, 'snapshot', await file.read(0, HEADER_BYTES));
    return new RecordReader(path, file, new Sealer(dataKey, header.salt, 'snapshot'));
  }

  async next(): Promise<Buffer> {
    const head = await this.file.read(this.position, FRAME_HEAD_BYTES);
    const length = head.length < FRAME_HEAD_BYTES ? 0 : Buffer.from(head).readUInt32LE(0);
    const size = frameBytes(Math.min(length, MAX_SEALED_BYTES));
    const content = await this.file.read(this.position, size);
    const reader = new FrameReader(this.path, Buffer.from(content), 0, this.chain);
    const frame = reader.next();
    if (frame.kind !== 'record') {
      throw corrupt(this.path, this.position, 'the snapshot ends before its end record');
    }
    this.position += reader.offset;
    this.chain = reader.checksum;
    this.records += 1;
    try {
      return this.sealer.open(this.records - 1, frame.sealed);
    } catch (cause) {
      throw wrongKey(this.path, cause);
    }
  }
}

function nameOf(meta: SnapshotMeta): string {
  const hex = (value: number): string => value.toString(16).padStart(16, '0');
  return `${hex(meta.index)}-${hex(meta.term)}.snap`;
}

function encodeMeta(meta: SnapshotMeta): Buffer {
  const size = meta.members.reduce((sum, member) => sum + memberBytes(member), 1 + 8 + 8 + 4);
  const writer = new ByteWriter(size).u8(TAG.meta).u64(meta.index).u64(meta.term).u32(meta.members.length);
  for (const member of meta.members) {
    encodeMember(writer, member);
  }
  return writer.done();
}

function decodeMeta(path: string, record: Uint8Array): SnapshotMeta {
  try {
    const reader = new ByteReader(record);
    reader.u8();
    const index = reader.u64();
    const term = reader.u64();
    const members: Member[] = [];
    for (let left = reader.u32(); left > 0; left -= 1) {
      members.push(decodeMember(reader));
    }
    return { index, term, members };
  } catch (cause) {
    throw corrupt(path, HEADER_BYTES, `its first record makes no sense (${String(cause)})`);
  }
}
