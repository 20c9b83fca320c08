// The write-ahead log: segments of sealed, checksum-chained records. It knows items and files, not what
// the items mean; `RaftStorage` replays them. After a crash the log goes on in a new segment, so no
// segment is written again behind a cut (the nonces of its records would repeat).
import { join } from 'node:path';
import type { Random } from '../../../shared/random.ts';
import type { Disk, DiskFile } from './disk.ts';
import { corrupt, wrongKey } from './errors.ts';
import { FrameReader, frameRecord } from './frame.ts';
import { decodeHeader, encodeHeader, type FileHeader, HEADER_BYTES } from './header.ts';
import { decodeItems, encodeItems, type LogItem } from './record.ts';
import { SALT_BYTES, Sealer } from './sealing.ts';

const SUFFIX = '.wal';
const SEGMENT_NAME = /^[0-9a-f]{16}\.wal$/;
/** Items are gathered into one record up to here; an entry beyond it gets a record of its own. */
const DEFAULT_RECORD_BYTES = 1024 * 1024;

/** A torn tail that was cut when the log was opened. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
}

interface SegmentInfo {
  readonly path: string;
  /** Highest index of an entry in it; 0 for none. */
  lastIndex: number;
}

/** Where a segment stands among the others. */
interface Place {
  /** The segment before it, and what was found at its end; undefined for the oldest. */
  readonly before: { readonly torn: TornTail | undefined } | undefined;
  readonly last: boolean;
}

export interface WalOptions {
  readonly directory: string;
  readonly dataKey: Uint8Array;
  readonly segmentBytes: number;
  readonly recordBytes?: number;
}

export class Wal {
  private readonly disk: Disk;
  private readonly random: Random;
  private readonly options: WalOptions;
  /** Oldest first; the last one is being written. */
  private readonly segments: SegmentInfo[] = [];
  private file: DiskFile | undefined;
  private sealer: Sealer | undefined;
  private sequence = 0;
  private chain = 0;
  private position = 0;
  private records = 0;

  constructor(dependencies: { readonly disk: Disk; readonly random: Random }, options: WalOptions) {
    this.disk = dependencies.disk;
    this.random = dependencies.random;
    this.options = options;
  }

  /** Reads every segment in order; cuts a torn tail off the last one, and tells of it. Throws for damage. Call once, first. */
  async replay(visit: (item: LogItem, file: string) => void): Promise<TornTail | undefined> {
    const { directory } = this.options;
    await this.disk.makeDirectory(directory);
    const names = await this.disk.list(directory);
    for (const name of names.filter((each) => each.endsWith('.tmp'))) {
      await this.disk.remove(join(directory, name));
    }
    const segments = names.filter((name) => SEGMENT_NAME.test(name));
    let torn: TornTail | undefined;
    for (const [at, name] of segments.entries()) {
      const place = { before: at === 0 ? undefined : { torn }, last: at === segments.length - 1 };
      torn = await this.replaySegment(join(directory, name), place, visit);
    }
    return torn;
  }

  private async replaySegment(
    path: string,
    { before, last }: Place,
    visit: (item: LogItem, file: string) => void,
  ): Promise<TornTail | undefined> {
    const file = await this.disk.open(path, last ? 'update' : 'read');
    try {
      const bytes = await file.read(0, await file.size());
      const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const header = decodeHeader(path, 'log', content);
      if (before !== undefined) {
        this.checkContinues(path, header, before.torn);
      }
      const segment = { path, lastIndex: 0 };
      this.segments.push(segment);
      this.sequence = header.sequence;
      const reader = new FrameReader(path, content, HEADER_BYTES, header.chain);
      const sealer = new Sealer(this.options.dataKey, header.salt, `wal ${header.sequence}`);
      const torn = this.readRecords(reader, sealer, segment, visit);
      this.chain = reader.checksum;
      if (last) {
        if (torn !== undefined) {
          await file.truncate(reader.offset);
        }
        // What a killed process wrote but did not sync is about to be built upon. It is written once more,
        // because after a failed sync the kernel holds pages for clean that never reached the disk.
        await file.write([content.subarray(0, reader.offset)], 0);
        await file.sync();
      }
      return torn === undefined ? undefined : { file: path, offset: reader.offset, reason: torn };
    } finally {
      await file.close();
    }
  }

  /**
   * A segment begins with the checksum of the last record before it, so nothing that belonged to the log can be
   * missing between the two. What is torn behind that record was cut before this segment was begun, and came
   * back: a failed sync can lose the cut and keep what was cut.
   */
  private checkContinues(path: string, header: FileHeader, torn: TornTail | undefined): void {
    if (header.sequence === this.sequence + 1 && header.chain === this.chain) {
      return;
    }
    if (torn !== undefined) {
      throw corrupt(torn.file, torn.offset, `${torn.reason}, but the log goes on in the next segment`);
    }
    throw corrupt(
      path,
      0,
      `it does not continue segment ${this.sequence}: a segment is missing or was replaced`,
    );
  }

  /** Returns why the tail is torn, if it is. */
  private readRecords(
    reader: FrameReader,
    sealer: Sealer,
    segment: SegmentInfo,
    visit: (item: LogItem, file: string) => void,
  ): string | undefined {
    for (let record = 0; ; record += 1) {
      const at = reader.offset;
      const frame = reader.next();
      if (frame.kind !== 'record') {
        return frame.kind === 'torn' ? frame.reason : undefined;
      }
      for (const item of decodeRecord(segment.path, at, sealer, record, frame.sealed)) {
        if (item.kind === 'entry') {
          segment.lastIndex = Math.max(segment.lastIndex, item.entry.index);
        }
        visit(item, segment.path);
      }
    }
  }

  /** Begins a new segment with `opening` as its first record, durable when this resolves. */
  async beginSegment(opening: readonly LogItem[]): Promise<void> {
    const { directory, dataKey } = this.options;
    await this.file?.close();
    this.file = undefined;
    this.sequence += 1;
    const path = join(directory, `${this.sequence.toString(16).padStart(16, '0')}${SUFFIX}`);
    const salt = this.random.bytes(SALT_BYTES);
    this.sealer = new Sealer(dataKey, salt, `wal ${this.sequence}`);
    const header = encodeHeader({ kind: 'log', sequence: this.sequence, chain: this.chain, salt });
    this.position = header.length;
    this.records = 0;
    const frame = this.frame(opening);
    const file = await this.disk.open(`${path}.tmp`, 'log');
    try {
      await file.writeDurably([header, ...frame], 0);
      await this.disk.rename(`${path}.tmp`, path);
      await this.disk.syncDirectory(directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.file = file;
    this.segments.push({ path, lastIndex: 0 });
  }

  /** True when the next append should go to a new segment. */
  get segmentFull(): boolean {
    return this.position >= this.options.segmentBytes;
  }

  /** Writes the items and waits until they are durable. After a failure the log must not be used any more. */
  async append(items: readonly LogItem[]): Promise<void> {
    const segment = this.segments[this.segments.length - 1];
    if (this.file === undefined || segment === undefined) {
      throw new Error('the log is not open');
    }
    const { recordBytes = DEFAULT_RECORD_BYTES } = this.options;
    const from = this.position;
    const parts: Buffer[] = [];
    let gathered: LogItem[] = [];
    let bytes = 0;
    for (const item of items) {
      gathered.push(item);
      if (item.kind === 'entry') {
        segment.lastIndex = Math.max(segment.lastIndex, item.entry.index);
        bytes += item.entry.kind === 'data' ? item.entry.data.length : 0;
      }
      if (bytes >= recordBytes) {
        parts.push(...this.frame(gathered));
        gathered = [];
        bytes = 0;
      }
    }
    if (gathered.length > 0) {
      parts.push(...this.frame(gathered));
    }
    await this.file.writeDurably(parts, from);
  }

  /** Removes the oldest segments while all their entries are at or below `index`. */
  async removeUpTo(index: number): Promise<void> {
    while (this.segments.length > 1 && (this.segments[0]?.lastIndex ?? 0) <= index) {
      const oldest = this.segments.shift();
      if (oldest !== undefined) {
        await this.disk.remove(oldest.path);
      }
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  /** Seals items as the next record and accounts for its place. */
  private frame(items: readonly LogItem[]): readonly Buffer[] {
    if (this.sealer === undefined) {
      throw new Error('the log is not open');
    }
    const frame = frameRecord(this.chain, this.sealer.seal(this.records, encodeItems(items)));
    this.records += 1;
    this.chain = frame.chain;
    this.position += frame.bytes;
    return frame.parts;
  }
}

/** The items of an intact record; what cannot be opened was sealed with another key. */
function decodeRecord(
  path: string,
  offset: number,
  sealer: Sealer,
  record: number,
  sealed: Buffer,
): readonly LogItem[] {
  let plain: Buffer;
  try {
    plain = sealer.open(record, sealed);
  } catch (cause) {
    throw wrongKey(path, cause);
  }
  try {
    return decodeItems(plain);
  } catch (cause) {
    throw corrupt(path, offset, `a record makes no sense (${String(cause)})`);
  }
}
