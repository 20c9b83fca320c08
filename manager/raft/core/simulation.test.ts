// A few hundred random histories with loss, doubling, reordering, cuts, crashes, compaction and changes of
// membership. A failure names its seed; the same seed gives the same history.
import { describe, expect, it } from 'vitest';
import { Simulation } from './test/simulation.ts';

const SEEDS = Number(process.env['SKEIN_SEEDS'] ?? 300);
const FROM = Number(process.env['SKEIN_FROM_SEED'] ?? 1);
const TURNS = 5000;

describe('Raft safety', () => {
  it(`holds in ${SEEDS} random histories and every group recovers`, () => {
    const total = { commits: 0, elections: 0, snapshots: 0, reads: 0, changes: 0, crashes: 0 };
    for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
      const simulation = new Simulation(seed, 1 + (seed % 5));
      try {
        for (let turn = 0; turn < TURNS; turn += 1) {
          simulation.turn();
          if (turn % 250 === 0) {
            simulation.checkLogMatching();
          }
        }
        simulation.settle();
        simulation.checkLogMatching();
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      for (const key of Object.keys(total) as (keyof typeof total)[]) {
        total[key] += simulation.stats[key];
      }
    }
    // The histories must contain what they are meant to test.
    expect(total.elections).toBeGreaterThan(SEEDS);
    expect(total.commits).toBeGreaterThan(SEEDS * 20);
    for (const count of [total.snapshots, total.reads, total.changes, total.crashes]) {
      expect(count).toBeGreaterThan(SEEDS);
    }
  });
});
