// What is known of each container, in memory and on disk: reads are of the newest, writes of one container go to its
// file one after the other.
import type { ContainerState } from './container_state.ts';
import { saveState } from './container_state.ts';
import { containerNotFound } from './errors.ts';

export class ContainerStates {
  private readonly bundle: (id: string) => string;
  private readonly states = new Map<string, ContainerState>();
  /** The last write of each container's state that is still under way. */
  private readonly writes = new Map<string, Promise<void>>();

  /** @param bundle directory of a container's file */
  constructor(bundle: (id: string) => string) {
    this.bundle = bundle;
  }

  get(id: string): ContainerState | undefined {
    return this.states.get(id);
  }

  /** @throws SkeinError `container-not-found` */
  require(id: string): ContainerState {
    const state = this.states.get(id);
    if (state === undefined) {
      throw containerNotFound(id);
    }
    return state;
  }

  all(): readonly ContainerState[] {
    return [...this.states.values()];
  }

  /** In memory only. */
  note(state: ContainerState): void {
    this.states.set(state.id, state);
  }

  forget(id: string): void {
    this.states.delete(id);
  }

  /** Writes go one after the other, each with the newest state: two at once would mix in the file. */
  async update(state: ContainerState): Promise<void> {
    const { id } = state;
    this.states.set(id, state);
    const before = this.writes.get(id) ?? Promise.resolve();
    const write = before
      .catch(() => undefined)
      .then(() => saveState(this.bundle(id), this.states.get(id) ?? state));
    this.writes.set(id, write);
    try {
      await write;
    } finally {
      if (this.writes.get(id) === write) {
        this.writes.delete(id);
      }
    }
  }
}
