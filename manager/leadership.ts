// What runs on the leader alone: started, in order, when this manager comes to lead, and ended when it
// does not any more. Changes are taken one at a time, and only the newest counts.
import { errorMessage } from '../shared/errors.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { Logger } from '../shared/log.ts';

export interface LeadershipDependencies {
  readonly log: Logger;
  /** Made anew for each time of leading, in the order in which they start; ended in reverse. */
  readonly createLoops: () => readonly Startable[];
}

export class Leadership {
  private readonly dependencies: LeadershipDependencies;
  private wanted = false;
  private leading = false;
  private loops: readonly Startable[] = [];
  private turn: Promise<void> = Promise.resolve();

  constructor(dependencies: LeadershipDependencies) {
    this.dependencies = dependencies;
  }

  /** Follows raft's word; resolves when the loops stand as it says. */
  set(leader: boolean): Promise<void> {
    this.wanted = leader;
    this.turn = this.turn.then(() => this.settle());
    return this.turn;
  }

  private async settle(): Promise<void> {
    if (this.wanted === this.leading) {
      return;
    }
    this.leading = this.wanted;
    const { log, createLoops } = this.dependencies;
    log.info({}, this.leading ? 'this manager leads' : 'this manager does not lead any more');
    if (this.leading) {
      this.loops = createLoops();
      for (const loop of this.loops) {
        await this.attempt(() => loop.start(), 'start');
      }
    } else {
      for (const loop of [...this.loops].reverse()) {
        await this.attempt(() => loop.stop(), 'stop');
      }
    }
  }

  /** A loop that fails to start leaves a leader that does half its duties: better none. */
  private async attempt(action: () => Promise<void>, what: string): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.dependencies.log.error({ error: errorMessage(error) }, `a control loop did not ${what}`);
      throw error;
    }
  }
}
