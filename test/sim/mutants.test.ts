// The checkers can fail: every known way to break the system is seen within a few histories. That the same histories
// hold without a mutant is what `sim.test.ts` shows.
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulation.ts';

/** A mutant that lives through so many histories is not seen by the checkers. */
const MOST_SEEDS = 400;

describe('a broken core or store is seen', () => {
  it.each(MUTANTS)('$name', async ({ breakIt, histories }) => {
    const restore = breakIt();
    try {
      let violation: string | undefined;
      for (let seed = 1; seed <= MOST_SEEDS && violation === undefined; seed += 1) {
        violation = (await simulate({ seed, ...histories })).violation?.rule;
      }
      expect(violation).toBeDefined();
    } finally {
      restore();
    }
  });
});
