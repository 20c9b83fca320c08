// When each member was last heard from: who counts as reachable.
import type { Clock } from '../../shared/clock.ts';
import type { Member, RaftId } from './core/types.ts';

export class Hearing {
  private readonly heardAt = new Map<RaftId, number>();

  private readonly clock: Clock;
  private readonly windowMs: number;

  /** @param windowMs who was silent for longer is not reachable. */
  constructor(clock: Clock, windowMs: number) {
    this.clock = clock;
    this.windowMs = windowMs;
  }

  heard(raftId: RaftId): void {
    this.heardAt.set(raftId, this.clock.monotonic());
  }

  /** The members heard from within the window, `self` always included. */
  active(members: readonly Member[], self: RaftId): readonly RaftId[] {
    const since = this.clock.monotonic() - this.windowMs;
    return members
      .map((member) => member.raftId)
      .filter((raftId) => raftId === self || (this.heardAt.get(raftId) ?? Number.NEGATIVE_INFINITY) >= since);
  }

  /** Forgets those who are no members any more. */
  keepOnly(members: readonly Member[]): void {
    const known = new Set(members.map((member) => member.raftId));
    for (const raftId of this.heardAt.keys()) {
      if (!known.has(raftId)) {
        this.heardAt.delete(raftId);
      }
    }
  }
}
