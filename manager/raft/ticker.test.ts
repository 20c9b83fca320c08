// A stalled loop makes up for few ticks only.
import { expect, it } from 'vitest';
import type { Clock } from '../../shared/clock.ts';
import { Ticker } from './ticker.ts';

it('ticks once a period and makes up for at most two after a stall', () => {
  let now = 0;
  let pending: (() => void) | undefined;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (_, callback) => {
      pending = callback;
      return { cancel: () => (pending = undefined) };
    },
    sleep: () => Promise.resolve(),
  };
  const ticks: number[] = [];
  const ticker = new Ticker(clock, 100, (count) => ticks.push(count));
  ticker.start();
  for (const passed of [100, 104, 210, 5_000, 100]) {
    now += passed;
    pending?.();
  }
  expect(ticks).toEqual([1, 1, 2, 2, 1]);
  ticker.stop();
  expect(pending).toBeUndefined();
});
