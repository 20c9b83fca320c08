// Bytes of what raft replicates: batches of changes, and the records of a snapshot. Framing the records of
// a snapshot is the store's work.
import type { Id } from '../model/meta.ts';
import type { ModelObjects, TableName } from '../model/objects.ts';
import { decodeTime, encodeTime, enumCodec, malformed, nonEmpty } from './fields.ts';
import type { StoreBatch__Output } from './generated/skein/v1/StoreBatch.ts';
import type { StoreChange__Output } from './generated/skein/v1/StoreChange.ts';
import type { StoreTable__Output } from './generated/skein/v1/StoreTable.ts';
import { messages } from './messages.ts';
import type { TableObject } from './objects.ts';
import { fromStoreObject, toStoreObject } from './objects.ts';
import type { Encoded } from './schema.ts';
import { bytesCodec } from './schema.ts';

/** One change of a batch; an update carries the whole new object. */
export type BatchChange =
  | {
      readonly [Table in TableName]: {
        readonly action: 'create' | 'update';
        readonly table: Table;
        readonly object: ModelObjects[Table];
      };
    }[TableName]
  | { readonly action: 'remove'; readonly table: TableName; readonly id: Id };

/** Changes applied in order as one unit, under the leader's stamp (epoch ms, kept to the microsecond). */
export interface ChangeBatch {
  readonly timestampMs: number;
  readonly changes: readonly BatchChange[];
}

const storeTable = enumCodec<StoreTable__Output, TableName>()({
  STORE_TABLE_UNSPECIFIED: undefined,
  STORE_TABLE_CLUSTER: 'cluster',
  STORE_TABLE_NODE: 'node',
  STORE_TABLE_SERVICE: 'service',
  STORE_TABLE_TASK: 'task',
  STORE_TABLE_NETWORK: 'network',
  STORE_TABLE_SECRET: 'secret',
  STORE_TABLE_CONFIG: 'config',
  STORE_TABLE_VOLUME: 'volume',
});

const NONE: Encoded<StoreChange__Output> = { create: undefined, update: undefined, remove: undefined };

function encodeChange(change: BatchChange): Encoded<StoreChange__Output> {
  switch (change.action) {
    case 'create':
      return { ...NONE, create: toStoreObject(change.table, change.object) };
    case 'update':
      return { ...NONE, update: toStoreObject(change.table, change.object) };
    case 'remove':
      return { ...NONE, remove: { table: storeTable.encode(change.table), id: change.id } };
  }
}

function decodeChange(wire: StoreChange__Output): BatchChange {
  if (wire.create) {
    return { action: 'create', ...fromStoreObject(wire.create) };
  }
  if (wire.update) {
    return { action: 'update', ...fromStoreObject(wire.update) };
  }
  if (wire.remove) {
    const table = storeTable.decode(wire.remove.table, 'RemovedObject.table');
    return { action: 'remove', table, id: nonEmpty(wire.remove.id, 'RemovedObject.id') };
  }
  throw malformed('StoreChange.variant', 'is missing');
}

function encodeBatch(batch: ChangeBatch): Encoded<StoreBatch__Output> {
  return { timestampUs: encodeTime(batch.timestampMs), changes: batch.changes.map(encodeChange) };
}

function decodeBatch(wire: StoreBatch__Output): ChangeBatch {
  return {
    timestampMs: decodeTime(wire.timestampUs, 'StoreBatch.timestamp'),
    changes: wire.changes.map(decodeChange),
  };
}

const batchBytes = bytesCodec(messages.message('StoreBatch'), encodeBatch, decodeBatch);

const recordBytes = bytesCodec(
  messages.message('StoreObject'),
  (record: TableObject) => toStoreObject(record.table, record.object),
  fromStoreObject,
);

/** What the store asks of a byte format; decoding throws `malformed-message`. */
export const storeCodec = {
  encodeBatch: (batch: ChangeBatch): Uint8Array => batchBytes.encode(batch),
  decodeBatch: (bytes: Uint8Array): ChangeBatch => batchBytes.decode(bytes),
  encodeRecord: (record: TableObject): Uint8Array => recordBytes.encode(record),
  decodeRecord: (bytes: Uint8Array): TableObject => recordBytes.decode(bytes),
};
