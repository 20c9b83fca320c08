// Waiting for something to change, with a bound: who waits is woken by each change and looks again.
import type { Clock } from '../../shared/clock.ts';

export class ChangeSignal {
  private readonly clock: Clock;
  private readonly waiting = new Set<() => void>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.clock = clock;
  }

  /** Something changed. */
  wake(): void {
    for (const done of [...this.waiting]) {
      done();
    }
  }

  /** Settles at the next change or after the delay; rejects when the signal is aborted. */
  async next(delayMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        timer.cancel();
        this.waiting.delete(done);
        signal.removeEventListener('abort', aborted);
        resolve();
      };
      const aborted = (): void => {
        timer.cancel();
        this.waiting.delete(done);
        reject(signal.reason);
      };
      const timer = this.clock.after(delayMs, done);
      this.waiting.add(done);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}
