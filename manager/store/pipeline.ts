// The groups of transactions that are on their way through raft, oldest first: each ran on top of the one before it.
// It owns that chain: what the next group runs on, and that nothing runs on a group that was lost.
import type { StoreBatch } from './codec.ts';
import type { Overlay } from './overlay.ts';
import type { Source } from './source.ts';

export interface Flight<Group> {
  readonly group: Group;
  /** What the group wrote, over what it ran on. */
  readonly overlay: Overlay;
  /** The very bytes that raft was given. */
  readonly data: Uint8Array;
  readonly batch: StoreBatch;
}

export class Pipeline<Group> {
  private readonly state: Source;
  private flights: Flight<Group>[] = [];
  /** A group was lost: those after it are waited for, and nothing new runs on them. */
  private broken = false;
  /** Raft's word when the oldest group of the chain was made. */
  private basis = 0;

  /** @param state what raft has applied */
  constructor(state: Source) {
    this.state = state;
  }

  /** The youngest group on its way. */
  get last(): Flight<Group> | undefined {
    return this.flights.at(-1);
  }

  /** What the next group runs on. */
  get base(): Source {
    return this.last?.overlay ?? this.state;
  }

  /** Whether another group may run now, when so many may be on their way. */
  takes(most: number): boolean {
    return !this.broken && this.flights.length < most;
  }

  find(data: Uint8Array): Flight<Group> | undefined {
    return this.flights.find((flight) => flight.data === data);
  }

  /** Adds a group that ran on `base`. @param read asks raft for its basis. Returns the chain's. */
  enter(flight: Flight<Group>, read: () => number): number {
    if (this.flights.length === 0) {
      this.basis = read();
    }
    this.flights.push(flight);
    return this.basis;
  }

  /** The state holds what this entry wrote: whatever ran on its group runs on the state from now on. */
  applied(data: Uint8Array): void {
    const at = this.flights.findIndex((flight) => flight.data === data);
    if (at >= 0) {
      this.flights.splice(0, at + 1);
      this.flights[0]?.overlay.settleOn(this.state);
    }
  }

  /** A group has ended, well or not; undefined for one that never entered. */
  leave(flight: Flight<Group> | undefined, committed: boolean): void {
    if (flight !== undefined && committed) {
      this.applied(flight.data);
    } else if (flight !== undefined) {
      this.flights = this.flights.filter((other) => other !== flight);
      this.broken = true;
    }
    this.broken &&= this.flights.length > 0;
  }
}
