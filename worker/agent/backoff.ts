// How long to wait before the next try to reach a manager. Pure.
import type { Random } from '../../shared/random.ts';

/** First pause; a leader change takes about as long as a handful of these. */
const BASE_MS = 100;
const MAX_MS = 8_000;
/** So many tries at the first pause, so that a new leader is found within a second of its election. */
const QUICK_TRIES = 20;
/** A pause is between this share of itself and the whole, so that agents do not come in step. */
const JITTER_FLOOR = 0.5;

/** @param failures tries failed since the last good session, 1 for the first */
export function retryDelay(failures: number, random: Random): number {
  const doublings = Math.max(0, failures - QUICK_TRIES);
  const pause = Math.min(BASE_MS * 2 ** Math.min(doublings, 10), MAX_MS);
  return pause * (JITTER_FLOOR + (1 - JITTER_FLOOR) * random.next());
}
