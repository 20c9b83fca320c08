// When to renew a certificate: a pure decision. Who asks whom for it is the daemon's business.
import type { Random } from '../random.ts';

/** Swarm renews at a random point of this part of the life, so that a cluster made at once is not renewed at once. */
const EARLIEST_PART_OF_LIFE = 0.5;
const LATEST_PART_OF_LIFE = 0.8;

export interface Lifetime {
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The epoch millisecond to renew at: 50-80 % of the life. May lie in the past: then renew now. */
export function renewalTime(lifetime: Lifetime, random: Random): number {
  const span = lifetime.notAfter - lifetime.notBefore;
  const part = EARLIEST_PART_OF_LIFE + random.next() * (LATEST_PART_OF_LIFE - EARLIEST_PART_OF_LIFE);
  return Math.floor(lifetime.notBefore + span * part);
}

/** Swarm's steps after a failed renewal. */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 60 * 60_000;

/** Pause before the next try after `failures` failed ones in a row: 5 s doubling to 1 h, minus up to a fifth. */
export function renewalRetryDelay(failures: number, random: Random): number {
  const step = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS);
  return Math.floor(step * (1 - random.next() / 5));
}
