// Who is in the group: applies one change at a time to the list of members and says which changes are
// allowed. Pure; joint consensus is not needed because majorities of neighbouring configurations overlap
// (Ongaro's thesis, section 4.1).
import type { ConfigChange, Member, RaftId } from './types.ts';

export class Membership {
  private byId: Map<RaftId, Member>;
  /** Both are asked for at every message, and change rarely. */
  private sorted: readonly Member[] | undefined;
  private voterIds: readonly RaftId[] | undefined;

  constructor(members: readonly Member[]) {
    this.byId = new Map(members.map((member) => [member.raftId, member]));
  }

  /** In order of raft id. */
  list(): readonly Member[] {
    this.sorted ??= [...this.byId.values()].toSorted((a, b) => a.raftId - b.raftId);
    return this.sorted;
  }

  voters(): readonly RaftId[] {
    this.voterIds ??= this.list()
      .filter((member) => !member.learner)
      .map((member) => member.raftId);
    return this.voterIds;
  }

  get(raftId: RaftId): Member | undefined {
    return this.byId.get(raftId);
  }

  isVoter(raftId: RaftId): boolean {
    return this.byId.get(raftId)?.learner === false;
  }

  /** Why a change makes no sense now; undefined when it may be proposed. */
  refusal(change: ConfigChange): 'no-such-member' | 'member-exists' | 'last-voter' | undefined {
    if (change.op === 'add-learner') {
      return this.byId.has(change.member.raftId) ? 'member-exists' : undefined;
    }
    if (!this.byId.has(change.raftId)) {
      return 'no-such-member';
    }
    const voters = this.voters();
    if (change.op === 'remove' && voters.length === 1 && voters[0] === change.raftId) {
      return 'last-voter';
    }
    return undefined;
  }

  /** A change that no longer makes sense (its member is gone) changes nothing. */
  apply(change: ConfigChange): void {
    switch (change.op) {
      case 'add-learner':
        if (!this.byId.has(change.member.raftId)) {
          this.byId.set(change.member.raftId, { ...change.member, learner: true });
          this.forgetLists();
        }
        return;
      case 'promote':
        this.alter(change.raftId, { learner: false });
        return;
      case 'update-address':
        this.alter(change.raftId, { address: change.address });
        return;
      case 'remove':
        if (this.refusal(change) === undefined) {
          this.byId.delete(change.raftId);
          this.forgetLists();
        }
        return;
    }
  }

  replace(members: readonly Member[]): void {
    this.forgetLists();
    this.byId = new Map(members.map((member) => [member.raftId, member]));
  }

  private forgetLists(): void {
    this.sorted = undefined;
    this.voterIds = undefined;
  }

  private alter(raftId: RaftId, part: Partial<Member>): void {
    const member = this.byId.get(raftId);
    if (member !== undefined) {
      this.byId.set(raftId, { ...member, ...part });
      this.forgetLists();
    }
  }
}
