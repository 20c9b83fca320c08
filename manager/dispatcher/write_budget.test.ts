import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import { WriteBudget } from './write_budget.ts';

it('lets a burst pass, then so much a second, each node by itself', async () => {
  const clock = new VirtualClock();
  const budget = new WriteBudget(clock, { burst: 100, perSecond: 50 });
  const { signal } = new AbortController();
  const done: string[] = [];
  const spend = (node: string, writes: number) =>
    void budget.spend(node, writes, signal).then(() => done.push(`${node} ${clock.monotonic()}`));
  const begin = clock.monotonic();
  spend('a', 100);
  spend('a', 50);
  spend('b', 100);
  await clock.advance(0);
  expect(done).toEqual([`a ${begin}`, `b ${begin}`]);
  await clock.advance(999);
  expect(done).toHaveLength(2);
  await clock.advance(1);
  expect(done.slice(2)).toEqual([`a ${begin + 1_000}`]);
  await clock.advance(3_000);
  spend('a', 100);
  await clock.advance(0);
  expect(done).toHaveLength(4);
});

it('ends with its leader', async () => {
  const clock = new VirtualClock();
  const over = new AbortController();
  const late = new WriteBudget(clock, { burst: 1, perSecond: 1 }).spend('a', 10, over.signal);
  over.abort(new Error('no leader any more'));
  await expect(late).rejects.toThrow('no leader');
});
