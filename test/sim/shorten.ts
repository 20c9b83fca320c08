// Fewer faults that still break a rule: drops halves, then smaller parts, then single ones, as long as the same rule
// breaks (Zeller's delta debugging). A history is cheap, so it simply runs each candidate.
import type { Fault } from './faults.ts';
import { type Outcome, simulate } from './simulation.ts';

const MAX_RUNS = 300;

export async function shorten(
  outcome: Outcome,
): Promise<{ readonly faults: readonly Fault[]; readonly runs: number }> {
  const rule = outcome.violation?.rule;
  let faults = outcome.faults;
  let runs = 0;
  const breaks = async (candidate: readonly Fault[]): Promise<boolean> => {
    runs += 1;
    const again = await simulate({ seed: outcome.seed, faults: candidate });
    return again.violation?.rule === rule;
  };
  for (let size = Math.ceil(faults.length / 2); size >= 1 && runs < MAX_RUNS; ) {
    let dropped = false;
    for (let at = 0; at < faults.length && runs < MAX_RUNS; ) {
      const candidate = [...faults.slice(0, at), ...faults.slice(at + size)];
      if (await breaks(candidate)) {
        faults = candidate;
        dropped = true;
      } else {
        at += size;
      }
    }
    if (!dropped && size === 1) {
      break;
    }
    size = dropped && size === 1 ? 1 : Math.floor(size / 2);
  }
  return { faults, runs };
}
