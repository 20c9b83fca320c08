// Turns time into the core's ticks. After a stall (a busy event loop, a suspended host) it makes up for few of
// them: messages that came meanwhile must be read before this member doubts its leader.
import type { Clock, Timer } from '../../shared/clock.ts';

/** With 10 ticks to the first possible election, a stall alone never starts one. */
const MAX_CATCH_UP_TICKS = 2;

export class Ticker {
  private readonly clock: Clock;
  private readonly periodMs: number;
  private readonly onTicks: (ticks: number) => void;
  private timer: Timer | undefined;
  private lastAt = 0;

  constructor(clock: Clock, periodMs: number, onTicks: (ticks: number) => void) {
    this.clock = clock;
    this.periodMs = periodMs;
    this.onTicks = onTicks;
  }

  start(): void {
    this.lastAt = this.clock.monotonic();
    this.schedule();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private schedule(): void {
    this.timer = this.clock.after(this.periodMs, () => this.fire());
  }

  private fire(): void {
    const now = this.clock.monotonic();
    const due = Math.round((now - this.lastAt) / this.periodMs);
    this.lastAt = now;
    this.schedule();
    this.onTicks(Math.min(Math.max(due, 1), MAX_CATCH_UP_TICKS));
  }
}
