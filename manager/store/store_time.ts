// The time that transactions are stamped with. It never runs behind what is already stored, however the clocks of
// the managers that led before were set: "created later" always has the later time, and what an object waits for
// passes. It changes nothing and knows no tables.
import type { Clock } from '../../shared/clock.ts';

/**
 * While the stored times are ahead of this manager's clock, time goes on from them at this share of its pace (NTP
 * slews in the same manner): waits pass, at most twice as long, and the clock catches up with them.
 */
const PACE_WHILE_AHEAD = 0.5;

export class StoreTime {
  private readonly clock: Clock;
  private readonly latestStored: () => number;
  /** What was answered last, epoch ms, and when by the clock that never goes back. */
  private answered = 0;
  private answeredAt = 0;

  /** @param latestStored the newest time that any stored object carries, epoch ms */
  constructor(clock: Clock, latestStored: () => number) {
    this.clock = clock;
    this.latestStored = latestStored;
  }

  /** Epoch ms, whole; never less than before, nor than any stored time. */
  now(): number {
    const monotonic = this.clock.monotonic();
    const paced = this.answered + (monotonic - this.answeredAt) * PACE_WHILE_AHEAD;
    this.answered = Math.max(this.clock.now(), paced, this.latestStored());
    this.answeredAt = monotonic;
    return Math.floor(this.answered);
  }
}
