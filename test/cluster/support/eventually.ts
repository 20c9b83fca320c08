// Waiting for a condition instead of sleeping: polls until it holds, and says at the end what was seen last.
import { setTimeout as delay } from 'node:timers/promises';

/** Machines in software are some 13 times slower and share two cores: every wait is longer there. */
const SLOWNESS = process.env['SKEIN_LAB_KIND'] === 'vm' ? 6 : 1;
const POLL_MS = 50 * SLOWNESS;

/**
 * Calls the condition until it returns something other than `undefined` or `false`; that is the answer.
 * A condition that throws counts as not yet met; its last error stands in the final message.
 * @throws Error naming what was awaited, after the time-out
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = performance.now() + timeoutMs * SLOWNESS;
  let last = 'the condition was false';
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) {
        return value;
      }
      last = 'the condition was false';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() >= end) {
      throw new Error(`waited ${timeoutMs * SLOWNESS} ms in vain for: ${what} (${last})`);
    }
    await delay(POLL_MS);
  }
}

/** Checks over a while that a condition goes on holding; for "it stays as it is". */
export async function always(
  what: string,
  durationMs: number,
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    if (!(await condition())) {
      throw new Error(`it did not stay so: ${what}`);
    }
    await delay(POLL_MS);
  }
}
