// The store's time beside clocks that are set wrong: a transcript of what transactions are stamped with.
import { expect, it } from 'vitest';
import type { Clock } from '../../shared/clock.ts';
import { StoreTime } from './store_time.ts';

/** A clock whose hands can be moved apart from the time that passes. */
function hands() {
  const state = { wall: 0, monotonic: 0, stored: 0 };
  const unused = () => {
    throw new Error('no timers here');
  };
  const clock: Clock = {
    now: () => state.wall,
    monotonic: () => state.monotonic,
    after: unused,
    sleep: unused,
  };
  const time = new StoreTime(clock, () => state.stored);
  const pass = (ms: number): number => {
    state.wall += ms;
    state.monotonic += ms;
    return time.now();
  };
  return { state, pass };
}

it('is the clock, as long as nothing stored is ahead of it', () => {
  const { state, pass } = hands();
  state.wall = 1_000_000;
  expect([pass(0), pass(10), pass(5_000)]).toEqual([1_000_000, 1_000_010, 1_005_010]);
});

it('goes on from the newest stored time when an earlier leader had a clock that was ahead, and lets the clock catch up', () => {
  const { state, pass } = hands();
  Object.assign(state, { wall: 100_000, stored: 130_000 });
  expect(pass(0)).toBe(130_000);
  // Half a second for each second: what waits 300 ms waits 600.
  expect(pass(600)).toBe(130_300);
  expect(pass(1_400)).toBe(131_000);
  // 30 s ahead are made up after 60.
  expect(pass(58_000)).toBe(160_000);
  expect(pass(1_000)).toBe(161_000);
});

it('does not go back when the clock is set back', () => {
  const { state, pass } = hands();
  state.wall = 50_000;
  expect(pass(0)).toBe(50_000);
  state.wall -= 40_000;
  expect([pass(0), pass(100), pass(100)]).toEqual([50_000, 50_050, 50_100]);
});

it('follows what others commit meanwhile', () => {
  const { state, pass } = hands();
  pass(1_000);
  state.stored = 9_000;
  expect(pass(1)).toBe(9_000);
});
