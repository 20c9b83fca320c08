// Ends a piece of work for a reason of its own, or with what it is part of. `AbortSignal.any` would do, but up to Node 22
// its signals stay in memory as long as the process, with all that their listeners hold, unless these are taken off.

export class ChildAbort {
  private readonly controller = new AbortController();
  private readonly parent: AbortSignal;
  private readonly follow = (): void => this.controller.abort(this.parent.reason);

  /** Aborted with the parent, and for its reason; at once when the parent is. */
  constructor(parent: AbortSignal) {
    this.parent = parent;
    if (parent.aborted) {
      this.follow();
    } else {
      parent.addEventListener('abort', this.follow, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Does nothing to one that is aborted; the parent goes on. */
  abort(reason?: unknown): void {
    this.release();
    this.controller.abort(reason);
  }

  /** The work is done: nothing is left at the parent, which may live much longer. */
  release(): void {
    this.parent.removeEventListener('abort', this.follow);
  }
}
