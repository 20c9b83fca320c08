// What the control loops on the leader have in common: they note which objects may differ from what they should
// be, from every object at the start and after a restore and from each change after that, and look at those in
// passes. It knows nothing of what is noted or done.
import type { Clock } from '../../shared/clock.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import { PassLoop, type PassLoopOptions } from '../../shared/pass_loop.ts';
import type { Store, StoreChange, StoreEvent } from './api.ts';

export interface WatchLoopDependencies {
  readonly store: Pick<Store, 'watch'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The control loop's own part; its notes are its own, so that a pass that fails can put them back. */
export interface WatchLoopWork {
  /** Notes whatever an earlier leader may have left undone. */
  noteAll(): void;
  /** Notes what a committed change may have made undone. */
  noteChange(change: StoreChange): void;
  /** Whether a pass would have anything to look at. */
  hasWork(): boolean;
  /** Looks at what is noted. Never called twice at once; tried again after a rejection. */
  pass(): Promise<void>;
}

/** Turns store events into passes of `work`; runs on the leader only. */
export class WatchLoop implements Startable {
  private readonly store: Pick<Store, 'watch'>;
  private readonly work: WatchLoopWork;
  private readonly loop: PassLoop;
  private unwatch: (() => void) | undefined;

  constructor(dependencies: WatchLoopDependencies, work: WatchLoopWork, options: PassLoopOptions) {
    const { store, clock, log } = dependencies;
    this.store = store;
    this.work = work;
    this.loop = new PassLoop({ clock, log, pass: () => work.pass() }, options);
  }

  /** True from `stop` on: a long pass looks at it between its steps. */
  get stopped(): boolean {
    return this.loop.stopped;
  }

  async start(): Promise<void> {
    this.unwatch = this.store.watch((event) => this.note(event));
    this.work.noteAll();
    this.loop.wake();
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    await this.loop.stop();
  }

  /** For what no event brings: a timer of the work's own, or a rest left by the last pass. */
  wake(): void {
    this.loop.wake();
  }

  private note(event: StoreEvent): void {
    if (event.kind === 'restored') {
      this.work.noteAll();
    } else {
      for (const change of event.commit.changes) {
        this.work.noteChange(change);
      }
    }
    if (this.work.hasWork()) {
      this.loop.wake();
    }
  }
}
