// Every object of every table comes back from its bytes as it went in; bytes that are no object are refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkView, objects } from '../../test/support/arbitraries.ts';
import { TABLE_NAMES } from '../model/objects.ts';
import { decodeObject, encodeObject } from './objects.ts';
import { networkViewFromBytes, networkViewToBytes } from './view.ts';

describe('an object of any table', () => {
  for (const table of TABLE_NAMES) {
    it(`${table}: decode(encode(x)) is x`, () => {
      fc.assert(
        fc.property(objects[table], (object) => {
          expect(decodeObject(table, encodeObject(table, object as never))).toStrictEqual(object);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('network view: decode(encode(x)) is x', () => {
    fc.assert(
      fc.property(networkView, (view) => {
        expect(networkViewFromBytes(networkViewToBytes(view))).toStrictEqual(view);
      }),
      { numRuns: 150 },
    );
  });
});
