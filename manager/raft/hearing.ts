// When each member was last heard from: who counts as reachable.
import type { Member, RaftId } from './core/types.ts';

export class Hearing {
  private readonly heardAt = new Map<RaftId, number>();

  heard(raftId: RaftId, now: number): void {
    this.heardAt.set(raftId, now);
  }

  /** The members heard from since then, `self` always included. */
  activeSince(since: number, members: readonly Member[], self: RaftId): readonly RaftId[] {
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
