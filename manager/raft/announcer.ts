// Tells the rest of the manager who leads and who is a member, once per change. "This member leads" is told
// only when the first entry of its term is applied, so everything of earlier terms is.
import type { RaftNode, RaftStatus } from './api.ts';
import type { CoreStatus } from './core/raft.ts';
import type { Member } from './core/types.ts';

type LeadershipListener = Parameters<RaftNode['onLeadership']>[0];
type StatusListener = Parameters<RaftNode['onStatus']>[0];

export class Announcer {
  private readonly leadershipListeners = new Set<LeadershipListener>();
  private readonly statusListeners = new Set<StatusListener>();
  /** The term for which leadership was told; 0 when it was not or was taken back. */
  private toldTerm = 0;
  private toldLeader = 0;
  private toldRole = '';
  private toldMembers: readonly Member[] = [];
  /** Who was last told to be reachable; only the leader hears from everyone, so only there it counts. */
  private toldActive = '';

  onLeadership(listener: LeadershipListener): () => void {
    this.leadershipListeners.add(listener);
    return () => this.leadershipListeners.delete(listener);
  }

  onStatus(listener: StatusListener): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  /** An entry of that term is applied: if it is the leader's own, so is its no-op and everything of earlier terms. */
  applied(entryTerm: number | undefined, core: CoreStatus): void {
    if (core.role === 'leader' && core.term === entryTerm && this.toldTerm !== core.term) {
      this.toldTerm = core.term;
      this.tell({ leader: true, term: core.term });
    }
  }

  /** Compares what was told with what is: leader, role, members and, on the leader, who was heard from of late. */
  observe(
    core: CoreStatus,
    members: readonly Member[],
    active: readonly number[],
    status: () => RaftStatus,
  ): void {
    if (this.toldTerm !== 0 && (core.role !== 'leader' || core.term !== this.toldTerm)) {
      this.toldTerm = 0;
      this.tell({ leader: false, term: core.term });
    }
    const reachable = core.role === 'leader' ? active.join() : '';
    if (
      core.leader !== this.toldLeader ||
      members !== this.toldMembers ||
      core.role !== this.toldRole ||
      reachable !== this.toldActive
    ) {
      this.toldActive = reachable;
      this.toldLeader = core.leader;
      this.toldMembers = members;
      this.toldRole = core.role;
      const now = status();
      for (const listener of [...this.statusListeners]) {
        listener(now);
      }
    }
  }

  /** The node ends: whoever was told that it leads is told that it does not. */
  stop(term: number): void {
    if (this.toldTerm !== 0) {
      this.toldTerm = 0;
      this.tell({ leader: false, term });
    }
  }

  private tell(event: Parameters<LeadershipListener>[0]): void {
    for (const listener of [...this.leadershipListeners]) {
      listener(event);
    }
  }
}
