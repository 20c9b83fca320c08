// A clock that stands still until a test moves it. Timers fire in order of their time; between two of them
// pending promises run, so code that waits on both behaves as it would in real time.
import { type Clock, sleepBy, type Timer } from '../../shared/clock.ts';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** How many turns of the event loop pending promises get at each step. */
const SETTLE_TURNS = 4;

export class VirtualClock implements Clock {
  private time: number;
  private order = 0;
  private pending: Pending[] = [];

  /** @param start epoch milliseconds at first */
  constructor(start = 1_700_000_000_000) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  /** Timers that wait to fire. */
  get timers(): number {
    return this.pending.length;
  }

  after(delayMs: number, callback: () => void): Timer {
    this.order += 1;
    const entry: Pending = { at: this.time + Math.max(0, delayMs), order: this.order, callback };
    this.pending.push(entry);
    return {
      cancel: () => {
        this.pending = this.pending.filter((other) => other !== entry);
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBy(this, delayMs, signal);
  }

  /** Moves time on, firing what falls due, and lets promises settle before, between and after. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    while (true) {
      const next = this.pending
        .filter((entry) => entry.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) {
        break;
      }
      this.pending = this.pending.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets everything run that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
