// A replicated batch and a snapshot's record come back as they went in, for every table and action.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objects } from '../../test/support/arbitraries.ts';
import { id, time } from '../../test/support/value_arbitraries.ts';
import { TABLE_NAMES } from '../model/objects.ts';
import type { TableObject } from './objects.ts';
import { messages } from './messages.ts';
import { storeCodec } from './store.ts';
import type { BatchChange } from './store.ts';

const table = fc.constantFrom(...TABLE_NAMES);
const record = fc.oneof(
  ...TABLE_NAMES.map((name) => objects[name].map((object) => ({ table: name, object }) as TableObject)),
);
const change: fc.Arbitrary<BatchChange> = fc.oneof(
  record.map((object): BatchChange => ({ action: 'create', ...object })),
  record.map((object): BatchChange => ({ action: 'update', ...object })),
  fc.tuple(table, id).map(([name, removed]): BatchChange => ({ action: 'remove', table: name, id: removed })),
);

describe('the store codec', () => {
  it('gives every batch back', () => {
    const batch = fc.record(
      { timestampMs: time, changes: fc.array(change, { maxLength: 4 }) },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(batch, (changes) => {
        expect(storeCodec.decodeBatch(storeCodec.encodeBatch(changes))).toStrictEqual(changes);
      }),
      { numRuns: 200 },
    );
  });

  it('gives every record of a snapshot back, never as an empty one', () => {
    fc.assert(
      fc.property(record, (object) => {
        const bytes = storeCodec.encodeRecord(object);
        expect(bytes.length).toBeGreaterThan(0);
        expect(storeCodec.decodeRecord(bytes)).toStrictEqual(object);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a record of no table', () => storeCodec.decodeRecord(new Uint8Array(0)), 'StoreObject.variant'],
    [
      'a change without an action',
      () =>
        storeCodec.decodeBatch(
          messages.message('StoreBatch').encode({
            timestampUs: 1,
            changes: [{ create: undefined, update: undefined, remove: undefined }],
          }),
        ),
      'StoreChange.variant',
    ],
    [
      'a removal without an id',
      () =>
        storeCodec.decodeBatch(
          storeCodec.encodeBatch({ timestampMs: 1, changes: [{ action: 'remove', table: 'task', id: '' }] }),
        ),
      'RemovedObject.id',
    ],
  ])('refuses %s', (_name, decode, field) => {
    expect(decode).toThrow(expect.objectContaining({ code: 'malformed-message', data: { field } }));
  });
});
