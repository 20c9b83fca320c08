// Work that is not waited for where it begins. Whoever stops waits for it here, so that nothing writes to a disk
// or changes the kernel after `stop()` has resolved. Knows nothing of what the work is; its errors are its owner's.

export class PendingWork {
  private readonly running = new Set<Promise<unknown>>();

  /** Notes work that was begun; hands it back for its owner to handle the result. */
  add<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    const ended = (): void => {
      this.running.delete(work);
    };
    work.then(ended, ended);
    return work;
  }

  /** Resolves when all work has ended, that which was begun meanwhile included; never rejects. */
  async settled(): Promise<void> {
    while (this.running.size > 0) {
      await Promise.allSettled([...this.running]);
    }
  }
}
