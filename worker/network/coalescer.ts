// Runs one piece of asynchronous work at a time. Requests that come while it runs are answered together
// by the next run, so a burst of changes costs two runs, and each caller's change is in the run it waits for.

export class Coalescer {
  private readonly work: () => Promise<void>;
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.work = work;
  }

  /** Settles as the first run that began after this call. */
  request(): Promise<void> {
    if (this.running === undefined) {
      return this.begin();
    }
    this.next ??= this.running.then(
      () => this.follow(),
      () => this.follow(),
    );
    return this.next;
  }

  /** Settles, never rejecting, when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.running !== undefined || this.next !== undefined) {
      await (this.next ?? this.running)?.catch(() => undefined);
    }
  }

  private follow(): Promise<void> {
    this.next = undefined;
    return this.begin();
  }

  private begin(): Promise<void> {
    const run = this.work().finally(() => {
      this.running = undefined;
    });
    this.running = run;
    return run;
  }
}
