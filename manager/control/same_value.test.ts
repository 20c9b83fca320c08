// Equality as users see it: pairs that are the same, and pairs that are not.
import { expect, test } from 'vitest';
import { sameValue } from './same_value.ts';

test.each([
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: { b: ['x'] } }, Object.assign(Object.create(null), { a: { b: ['x'] } })],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [new Uint8Array([1, 2]), Buffer.from([1, 2])],
  [[], []],
])('%j and %j are the same', (left, right) => {
  expect(sameValue(left, right)).toBe(true);
  expect(sameValue(right, left)).toBe(true);
});

test.each([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, {}],
  [{}, { constructor: undefined, toString: 1 }],
  [
    ['a', 'b'],
    ['b', 'a'],
  ],
  [['a'], ['a', undefined]],
  [[], {}],
  [null, {}],
  [1, '1'],
  [new Uint8Array([1]), new Uint8Array([2])],
])('%j and %j differ', (left, right) => {
  expect(sameValue(left, right)).toBe(false);
  expect(sameValue(right, left)).toBe(false);
});
