// The checker itself: histories that have an order and histories that have none.
import { describe, expect, it } from 'vitest';
import { type Action, isLinearizable, type Operation, unexplained } from './linearizable.ts';

const NEVER = Number.POSITIVE_INFINITY;

function op(calledAt: number, answeredAt: number, action: Action, key = 'x'): Operation {
  return { client: 'c', key, action, calledAt, answeredAt };
}
const create = (value: string): Action => ({ kind: 'create', value });
const swap = (from: string, to: string): Action => ({ kind: 'swap', from, to });
const read = (saw: string | undefined): Action => ({ kind: 'read', saw });

describe('linearizable histories', () => {
  it.each<[string, readonly Operation[]]>([
    ['nothing', []],
    ['one after the other', [op(0, 1, create('a')), op(2, 3, swap('a', 'b')), op(4, 5, read('b'))]],
    [
      'a read during a write may see either value',
      [op(0, 1, create('a')), op(2, 9, swap('a', 'b')), op(3, 4, read('a')), op(5, 6, read('b'))],
    ],
    [
      'a write without an answer took effect late',
      [op(0, 1, create('a')), op(2, NEVER, swap('a', 'b')), op(3, 4, read('a')), op(50, 51, read('b'))],
    ],
    [
      'a write without an answer never took effect',
      [op(0, 1, create('a')), op(2, NEVER, swap('a', 'b')), op(3, 4, read('a'))],
    ],
    [
      'two swaps of one value: one is refused',
      [op(0, 1, create('a')), op(2, 5, swap('a', 'b')), op(2, 5, { kind: 'not-swapped', from: 'a' })],
    ],
    [
      'removed and made anew',
      [op(0, 1, create('a')), op(2, 3, { kind: 'remove' }), op(4, 5, read(undefined)), op(6, 7, create('b'))],
    ],
  ])('%s', (_name, history) => {
    expect(isLinearizable(history)).toBe(true);
  });
});

describe('histories that no order explains', () => {
  it.each<[string, readonly Operation[]]>([
    ['an acknowledged write is lost', [op(0, 1, create('a')), op(2, 3, swap('a', 'b')), op(4, 5, read('a'))]],
    ['a stale read', [op(0, 1, create('a')), op(2, 3, read(undefined))]],
    [
      'a value goes back',
      [op(0, 1, create('a')), op(2, 9, swap('a', 'b')), op(3, 4, read('b')), op(5, 6, read('a'))],
    ],
    [
      'two swaps of one value both succeed',
      [op(0, 1, create('a')), op(2, 5, swap('a', 'b')), op(2, 5, swap('a', 'c'))],
    ],
    ['a value from nowhere', [op(0, 1, create('a')), op(2, 3, read('z'))]],
    ['refused without a reason', [op(0, 1, create('a')), op(2, 3, { kind: 'not-swapped', from: 'a' })]],
  ])('%s', (_name, history) => {
    expect(isLinearizable(history)).toBe(false);
  });

  it('names the key', () => {
    const history = [op(0, 1, create('a'), 'good'), op(0, 1, create('a'), 'bad'), op(2, 3, read('b'), 'bad')];
    expect(unexplained(history)).toBe('bad');
  });
});
