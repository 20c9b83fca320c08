import { expect, it } from 'vitest';
import { VirtualClock } from '../test/support/virtual_clock.ts';
import { SkeinError } from './errors.ts';
import { type Logger, silentLogger } from './log.ts';
import { PassLoop } from './pass_loop.ts';

function setUp(work: (pass: number) => Promise<void> = async () => undefined) {
  const clock = new VirtualClock(0);
  const at: number[] = [];
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (_fields, message) => errors.push(message) };
  const pass = () => {
    at.push(clock.now());
    return work(at.length);
  };
  const loop = new PassLoop({ clock, log, pass }, { gapMs: 10, retryMs: 1_000 });
  return { clock, loop, at, errors };
}

it('runs at once when idle and gathers what comes within the gap', async () => {
  const { clock, loop, at } = setUp();
  loop.wake();
  loop.wake();
  await clock.advance(0);
  expect(at).toEqual([0]);
  loop.wake();
  await clock.advance(4);
  loop.wake();
  await clock.advance(50);
  expect(at).toEqual([0, 10]);
  loop.wake();
  await clock.advance(0);
  expect(at).toEqual([0, 10, 54]);
});

it('runs once more for wakes during a pass, never two passes at a time', async () => {
  const { clock, loop, at } = setUp(() => clock.sleep(100));
  loop.wake();
  await clock.advance(50);
  loop.wake();
  loop.wake();
  await clock.advance(500);
  expect(at).toEqual([0, 110]);
});

it('tries again after a failure and tells of it, except when leadership was lost', async () => {
  const { clock, loop, at, errors } = setUp(async (pass) => {
    if (pass === 1) {
      throw new Error('broken');
    }
    if (pass === 2) {
      throw new SkeinError('unavailable', 'not-leader', 'this manager does not lead');
    }
  });
  loop.wake();
  await clock.advance(5_000);
  expect(at).toEqual([0, 1_000, 2_000]);
  expect(errors).toEqual(['pass failed; it will be tried again']);
});

it('waits for the running pass when stopped, and runs no other', async () => {
  const { clock, loop, at } = setUp(() => clock.sleep(100));
  loop.wake();
  await clock.advance(1);
  let stopped = false;
  const stopping = loop.stop().then(() => {
    stopped = true;
  });
  loop.wake();
  await clock.advance(50);
  expect(stopped).toBe(false);
  await clock.advance(100);
  await stopping;
  expect(at).toEqual([0]);
  expect(clock.timers).toBe(0);
});
