// Ends a piece of work for a reason of its own, or with what it is part of. `AbortSignal.any` would do, but up to Node 22
// its signals stay in memory as long as the process, with all that their listeners hold, unless these are taken off.

export class ChildAbort {
  private readonly controller = new AbortController();
  private readonly parents: readonly AbortSignal[];
  private readonly follow = (): void => this.abort(this.parents.find(({ aborted }) => aborted)?.reason);

  /** Aborted with the first of the parents, and for its reason; at once when one is already. */
  constructor(...parents: readonly AbortSignal[]) {
    this.parents = parents;
    if (parents.some(({ aborted }) => aborted)) {
      this.follow();
      return;
    }
    for (const parent of parents) {
      parent.addEventListener('abort', this.follow, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Does nothing to one that is aborted; the parents go on. */
  abort(reason?: unknown): void {
    this.release();
    this.controller.abort(reason);
  }

  /** The work is done: nothing is left at the parents, which may live much longer. */
  release(): void {
    for (const parent of this.parents) {
      parent.removeEventListener('abort', this.follow);
    }
  }
}
