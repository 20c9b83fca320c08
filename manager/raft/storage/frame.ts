// The frame around each sealed record in raft's files, and how a torn tail is told from damage.
//
//   u32 length of the sealed bytes | u32 check of the length | u32 checksum | sealed bytes | 0xA5
//
// Both checks continue the checksum of the record before, so records cannot be lost, doubled or moved. The
// check of the length makes a wrong length visible at once: a record that seems to go beyond the end of the
// file really does. The last byte is never zero, so zeros at the end of the file are never part of a whole record.
import { crc32c } from './crc32c.ts';
import { corrupt } from './errors.ts';

export const FRAME_HEAD_BYTES = 12;
const END_MARK = 0xa5;
const END = Buffer.from([END_MARK]);
/** What a disk writes or does not write as one. */
const SECTOR_BYTES = 512;
/** Longest sealed record: one entry of 1.5 MiB always fits after a batch's first MiB. */
export const MAX_SEALED_BYTES = 8 * 1024 * 1024;

export function frameBytes(sealedLength: number): number {
  return FRAME_HEAD_BYTES + sealedLength + END.length;
}

/** The frame as parts to be written, and the checksum that the next one continues. */
export function frameRecord(
  chain: number,
  sealed: readonly Buffer[],
): { readonly parts: readonly Buffer[]; readonly chain: number; readonly bytes: number } {
  const length = sealed.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUInt32LE(length, 0);
  const check = crc32c(head.subarray(0, 4), chain);
  head.writeUInt32LE(check, 4);
  const sum = sealed.reduce((crc, part) => crc32c(part, crc), check);
  head.writeUInt32LE(sum, 8);
  return { parts: [head, ...sealed, END], chain: sum, bytes: frameBytes(length) };
}

export type FrameResult =
  | { readonly kind: 'record'; readonly sealed: Buffer }
  /** The file ends here. */
  | { readonly kind: 'end' }
  /** A write that a crash interrupted: the file is short, or zero from here or a sector boundary on. */
  | { readonly kind: 'torn'; readonly reason: string };

/** Reads the frames of one file's content from an offset on. */
export class FrameReader {
  private readonly file: string;
  private readonly content: Buffer;
  /** The offset after the last byte that is not zero. */
  private readonly written: number;
  private at: number;
  private chain: number;

  constructor(file: string, content: Buffer, at: number, chain: number) {
    this.file = file;
    this.content = content;
    this.written = writtenEnd(content);
    this.at = at;
    this.chain = chain;
  }

  /** Where the next frame begins. */
  get offset(): number {
    return this.at;
  }

  /** The checksum that the next record continues. */
  get checksum(): number {
    return this.chain;
  }

  /** Throws `raft-log-corrupt` for what no interrupted write leaves behind. */
  next(): FrameResult {
    const { content, at } = this;
    if (at >= this.written) {
      // Space is never laid out in advance: zeros are a write whose size arrived and whose data did not.
      return at >= content.length
        ? { kind: 'end' }
        : { kind: 'torn', reason: `the file is zero from ${at} on` };
    }
    if (content.length - at < FRAME_HEAD_BYTES) {
      return { kind: 'torn', reason: 'the file ends within the head of a record' };
    }
    const length = content.readUInt32LE(at);
    const check = crc32c(content.subarray(at, at + 4), this.chain);
    if (content.readUInt32LE(at + 4) !== check || length > MAX_SEALED_BYTES) {
      return this.tornOrCorrupt(at + FRAME_HEAD_BYTES, 'the head of a record does not have its checksum');
    }
    const next = at + frameBytes(length);
    if (next > content.length) {
      return { kind: 'torn', reason: `the file ends within a record of ${length} bytes` };
    }
    const sealed = content.subarray(at + FRAME_HEAD_BYTES, next - END.length);
    const sum = crc32c(sealed, check);
    if (content.readUInt32LE(at + 8) !== sum || content[next - 1] !== END_MARK) {
      return this.tornOrCorrupt(next, 'a record does not have its checksum');
    }
    this.at = next;
    this.chain = sum;
    return { kind: 'record', sealed };
  }

  /** An interrupted write leaves zeros from a sector boundary inside the record on; anything else is damage. */
  private tornOrCorrupt(end: number, problem: string): FrameResult {
    const zeroFrom = Math.ceil(this.written / SECTOR_BYTES) * SECTOR_BYTES;
    if (zeroFrom < end && zeroFrom < this.content.length) {
      return { kind: 'torn', reason: `the file is zero from ${zeroFrom} on` };
    }
    throw corrupt(this.file, this.at, problem);
  }
}

function writtenEnd(content: Buffer): number {
  let end = content.length;
  while (end > 0 && content[end - 1] === 0) {
    end -= 1;
  }
  return end;
}
