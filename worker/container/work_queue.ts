// One thing's work, one piece after the other in the order of asking. Whoever stops waits for it here.
import { PendingWork } from '../../shared/pending_work.ts';

export class WorkQueue {
  private readonly onError: (error: unknown) => void;
  private readonly pending = new PendingWork();
  private last: Promise<unknown> = Promise.resolve();

  /** @param onError told what failed of the work that nobody waits for */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError;
  }

  /** After all that was asked for before, whether that worked or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return this.pending.add(result);
  }

  /** As `run`; nobody waits for it. */
  later(work: () => Promise<unknown>): void {
    this.run(work).catch(this.onError);
  }

  settled(): Promise<void> {
    return this.pending.settled();
  }
}
