// The first 64 bytes of raft's files: what it is, the format version, the salt of its key, and the checksum
// that its first record continues.
import { ByteReader, ByteWriter } from './bytes.ts';
import { crc32c } from './crc32c.ts';
import { corrupt, newerFormat } from './errors.ts';
import { SALT_BYTES } from './sealing.ts';

export const HEADER_BYTES = 64;
/**
 * Grows when an older skein could no longer read the file. Size, magic, version and checksum of the header keep
 * their places in every version, so that a newer file is told from a damaged one.
 */
export const FORMAT_VERSION = 1;

const MAGIC = { log: 'SKEINWAL', snapshot: 'SKEINSNP' } as const;
const CHECKED_BYTES = HEADER_BYTES - 4;

export interface FileHeader {
  readonly kind: keyof typeof MAGIC;
  /** Number of the segment; 0 for snapshots. */
  readonly sequence: number;
  /** The last checksum of the segment before; 0 for the first and for snapshots. */
  readonly chain: number;
  readonly salt: Uint8Array;
}

export function encodeHeader(header: FileHeader): Buffer {
  const writer = new ByteWriter(HEADER_BYTES)
    .raw(Buffer.from(MAGIC[header.kind], 'latin1'))
    .u32(FORMAT_VERSION)
    .u64(header.sequence)
    .u32(header.chain)
    .raw(header.salt)
    .raw(Buffer.alloc(CHECKED_BYTES - 8 - 4 - 8 - 4 - SALT_BYTES));
  return writer.u32(crc32c(writer.done())).done();
}

/** Throws `raft-log-corrupt` or `raft-format-newer`. */
export function decodeHeader(file: string, kind: FileHeader['kind'], content: Uint8Array): FileHeader {
  if (content.length < HEADER_BYTES) {
    throw corrupt(file, 0, 'it is shorter than its header');
  }
  const reader = new ByteReader(content);
  const magic = reader.raw(8).toString('latin1');
  const version = reader.u32();
  const check = new ByteReader(content.subarray(CHECKED_BYTES)).u32();
  if (magic !== MAGIC[kind] || check !== crc32c(content.subarray(0, CHECKED_BYTES))) {
    throw corrupt(file, 0, 'its header does not have its checksum');
  }
  if (version > FORMAT_VERSION) {
    throw newerFormat(file, version, FORMAT_VERSION);
  }
  return { kind, sequence: reader.u64(), chain: reader.u32(), salt: Buffer.from(reader.raw(SALT_BYTES)) };
}
