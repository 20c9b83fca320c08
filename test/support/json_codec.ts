// A codec of the store for tests: JSON, with byte arrays as base64. The product's codec is in shared/wire.
import type { SnapshotRecord, StoreBatch, StoreCodec } from '../../manager/store/codec.ts';

const BYTES_KEY = '$bytes';

function toBytes(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Uint8Array
      ? { [BYTES_KEY]: Buffer.from(part).toString('base64') }
      : isBufferJson(part)
        ? { [BYTES_KEY]: Buffer.from(part.data).toString('base64') }
        : part,
  );
  return new TextEncoder().encode(text);
}

/** JSON.stringify calls Buffer's toJSON before the replacer. */
function isBufferJson(part: unknown): part is { readonly type: 'Buffer'; readonly data: number[] } {
  return (
    typeof part === 'object' && part !== null && 'type' in part && part.type === 'Buffer' && 'data' in part
  );
}

function fromBytes(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes), (_key, part: unknown) => {
    if (typeof part === 'object' && part !== null && BYTES_KEY in part) {
      return new Uint8Array(Buffer.from(String(part[BYTES_KEY]), 'base64'));
    }
    return part;
  });
}

export const jsonCodec: StoreCodec = {
  encodeBatch: toBytes,
  // What toBytes wrote has the shape that it was given.
  decodeBatch: (bytes) => fromBytes(bytes) as StoreBatch,
  encodeRecord: toBytes,
  decodeRecord: (bytes) => fromBytes(bytes) as SnapshotRecord,
};
