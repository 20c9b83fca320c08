// The rhythm of a level-triggered loop: a wake runs a pass at once when the loop is idle, wakes during a
// pass or right after it are gathered into the next one. It knows nothing of what a pass does.
import type { Clock, Timer } from './clock.ts';
import { errorMessage, SkeinError } from './errors.ts';
import type { Logger } from './log.ts';

export interface PassLoopDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** One pass; what it could not do must stay remembered by its owner. Never called twice at once. */
  readonly pass: () => Promise<void>;
}

export interface PassLoopOptions {
  /** Shortest time between the end of a pass and the start of the next one, ms. */
  readonly gapMs: number;
  /** Wait after a pass that failed, ms. */
  readonly retryMs: number;
}

/** Runs passes one at a time; `wake` is cheap and may be called from a store listener. */
export class PassLoop {
  private readonly dependencies: PassLoopDependencies;
  private readonly options: PassLoopOptions;
  private state: 'idle' | 'scheduled' | 'running' | 'stopped' = 'idle';
  private again = false;
  private timer: Timer | undefined;
  private current: Promise<void> = Promise.resolve();
  private earliestMs = Number.NEGATIVE_INFINITY;

  constructor(dependencies: PassLoopDependencies, options: PassLoopOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  get stopped(): boolean {
    return this.state === 'stopped';
  }

  /** Asks for a pass: on the next turn when the loop rested long enough, else when the gap is over. */
  wake(): void {
    if (this.state === 'running') {
      this.again = true;
    } else if (this.state === 'idle') {
      this.schedule(this.earliestMs - this.dependencies.clock.monotonic());
    }
  }

  /** No pass starts any more; resolves when the running one has ended. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    this.timer?.cancel();
    await this.current;
  }

  private schedule(delayMs: number): void {
    this.state = 'scheduled';
    if (delayMs > 0) {
      this.timer = this.dependencies.clock.after(delayMs, () => this.begin());
    } else {
      queueMicrotask(() => this.begin());
    }
  }

  private begin(): void {
    if (this.state !== 'scheduled') {
      return;
    }
    this.state = 'running';
    this.again = false;
    this.current = this.run();
  }

  private async run(): Promise<void> {
    let waitMs = this.options.gapMs;
    try {
      await this.dependencies.pass();
    } catch (error) {
      waitMs = this.options.retryMs;
      this.again = true;
      this.report(error);
    }
    if (this.stopped) {
      return;
    }
    this.earliestMs = this.dependencies.clock.monotonic() + waitMs;
    this.state = 'idle';
    if (this.again) {
      this.schedule(waitMs);
    }
  }

  /** Losing leadership or being stopped half-way is no fault: whoever leads next makes the same pass. */
  private report(error: unknown): void {
    const expected = this.stopped || (error instanceof SkeinError && error.kind === 'unavailable');
    const fields = { error: errorMessage(error), retryMs: this.options.retryMs };
    if (expected) {
      this.dependencies.log.debug(fields, 'pass interrupted');
    } else {
      this.dependencies.log.error(fields, 'pass failed; it will be tried again');
    }
  }
}
