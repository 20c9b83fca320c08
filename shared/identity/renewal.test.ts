// When certificates are renewed.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { renewalRetryDelay, renewalTime } from './renewal.ts';

it('is at 50-80 % of the life, wherever chance falls', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const at = renewalTime({ notBefore: 1_000, notAfter: 2_000 }, seededRandom(seed));
      expect(at).toBeGreaterThanOrEqual(1_500);
      expect(at).toBeLessThan(1_800);
    }),
  );
});

it('retries after 5 s, doubling to an hour', () => {
  const never = { next: () => 0, bytes: () => new Uint8Array() };
  const delays = [1, 2, 3, 4, 10, 11, 1_000].map((failures) => renewalRetryDelay(failures, never));
  expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 2_560_000, 3_600_000, 3_600_000]);
});
