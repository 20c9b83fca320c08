// The store as a stream of bytes: magic, then each object as a length-prefixed record, then a zero length
// and the number of records, so that a stream cut anywhere is noticed. Objects come from the codec.
import { assert, errorMessage, type SkeinError } from '../../shared/errors.ts';
import type { TableName, Tables } from './api.ts';
import type { SnapshotRecord, StoreCodec } from './codec.ts';
import { badSnapshot, newerSnapshot } from './errors.ts';
import { deepFreeze } from './freeze.ts';
import { TABLE_NAMES } from '../../shared/model/objects.ts';
import { State } from './state.ts';

const VERSION = 1;
const MAGIC = new TextEncoder().encode(`skein-store-${VERSION}\n`);
/** Largest chunk that is yielded: raft's limit for one piece of a snapshot. */
const MAX_CHUNK_BYTES = 64 * 1024;
/** A record larger than this is no object of ours: no entry, hence no object, may exceed 1.5 MiB. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** Freezes the tables as they are now and encodes them as the chunks are asked for. */
export function writeSnapshot(state: State, codec: StoreCodec): Iterable<Uint8Array> {
  const frozen = TABLE_NAMES.map((table) => ({ table, objects: state.freeze(table) }));
  return { [Symbol.iterator]: () => chunked(pieces(frozen, codec)) };
}

interface FrozenTable {
  readonly table: TableName;
  readonly objects: Iterable<Tables[TableName]>;
}

function* pieces(frozen: readonly FrozenTable[], codec: StoreCodec): Generator<Uint8Array, void, undefined> {
  yield MAGIC;
  let count = 0;
  for (const { table, objects } of frozen) {
    for (const object of objects) {
      // Table and object fit together by construction; the compiler cannot correlate them.
      const bytes = codec.encodeRecord({ table, object } as SnapshotRecord);
      assert(bytes.length > 0 && bytes.length <= MAX_RECORD_BYTES, `a record of ${bytes.length} bytes`);
      yield uint32(bytes.length);
      yield bytes;
      count += 1;
    }
  }
  yield uint32(0);
  yield uint32(count);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Packs pieces into chunks of at most 64 KiB. */
function* chunked(parts: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  let chunk = new Uint8Array(MAX_CHUNK_BYTES);
  let used = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; ) {
      const piece = part.subarray(from, from + MAX_CHUNK_BYTES - used);
      chunk.set(piece, used);
      used += piece.length;
      from += piece.length;
      if (used === MAX_CHUNK_BYTES) {
        yield chunk;
        chunk = new Uint8Array(MAX_CHUNK_BYTES);
        used = 0;
      }
    }
  }
  if (used > 0) {
    yield chunk.subarray(0, used);
  }
}

/** Builds a state from a snapshot's chunks (of any size); throws `bad-snapshot` when they are no whole snapshot. */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>, codec: StoreCodec): Promise<State> {
  const reader = new ByteReader(chunks);
  const magic = await reader.take(MAGIC.length);
  if (Buffer.compare(magic, MAGIC) !== 0) {
    throw unknownMagic(magic);
  }
  const state = new State();
  for (let count = 0; ; count += 1) {
    const length = toUint32(await reader.take(LENGTH_BYTES));
    if (length === 0) {
      await expectEnd(reader, count);
      return state;
    }
    if (length > MAX_RECORD_BYTES) {
      throw badSnapshot(`record ${count} claims ${length} bytes`);
    }
    insert(state, decode(await reader.take(length), count, codec));
  }
}

/** Later versions keep the shape of the first line, so that a newer snapshot is told from a damaged one. */
function unknownMagic(magic: Uint8Array): SkeinError {
  const [, version] = /^skein-store-(\d+)/.exec(Buffer.from(magic).toString('latin1')) ?? [];
  return Number(version) > VERSION
    ? newerSnapshot(Number(version), VERSION)
    : badSnapshot('it does not begin as one');
}

function decode(bytes: Uint8Array, count: number, codec: StoreCodec): SnapshotRecord {
  try {
    return codec.decodeRecord(bytes);
  } catch (cause) {
    throw badSnapshot(`record ${count}: ${errorMessage(cause)}`, cause);
  }
}

async function expectEnd(reader: ByteReader, count: number): Promise<void> {
  const written = toUint32(await reader.take(LENGTH_BYTES));
  if (written !== count) {
    throw badSnapshot(`it holds ${count} records where ${written} were written`);
  }
  if (!(await reader.ended())) {
    throw badSnapshot('bytes follow its end');
  }
}

function insert<T extends TableName>(
  state: State,
  record: { readonly table: T; readonly object: Tables[T] },
): void {
  if (state.put(record.table, record.object.id, deepFreeze(record.object)) !== undefined) {
    throw badSnapshot(`it holds ${record.table} ${record.object.id} twice`);
  }
}

function toUint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}

/** Reads exact numbers of bytes from chunks of any size. */
class ByteReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.rest.length === 0 && !(await this.refill())) {
        throw badSnapshot('it is cut off');
      }
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  async ended(): Promise<boolean> {
    return this.rest.length === 0 && !(await this.refill());
  }

  private async refill(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) {
        return false;
      }
      this.rest = new Uint8Array(next.value);
    }
    return true;
  }
}
