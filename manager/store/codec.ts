// The bytes of the store as the store sees them: opaque. The wire format lives in shared/wire and is
// handed in, so the store depends on no generated code.
import type { Id } from '../../shared/model/meta.ts';
import type { TableName, Tables } from './api.ts';

/** One change inside a raft entry. */
export type RecordedChange =
  | {
      [T in TableName]: {
        readonly action: 'create' | 'update';
        readonly table: T;
        readonly object: Tables[T];
      };
    }[TableName]
  | { readonly action: 'remove'; readonly table: TableName; readonly id: Id };

/** One raft entry: changes in order under one stamp of the leader, epoch ms. */
export interface StoreBatch {
  readonly timestampMs: number;
  readonly changes: readonly RecordedChange[];
}

/** One object of a snapshot. */
export type SnapshotRecord = {
  [T in TableName]: { readonly table: T; readonly object: Tables[T] };
}[TableName];

/** Both directions are exact: decoding what was encoded gives an equal value. Decoding bad bytes throws. */
export interface StoreCodec {
  encodeBatch(batch: StoreBatch): Uint8Array;
  decodeBatch(bytes: Uint8Array): StoreBatch;
  encodeRecord(record: SnapshotRecord): Uint8Array;
  decodeRecord(bytes: Uint8Array): SnapshotRecord;
}
