// For tests: what must hold of a group of cores whatever happens to it (Raft's safety properties, paper, figure 3),
// remembered over a whole history. Knows nothing of how the history is made.
import type { RaftCore } from '../raft.ts';
import type { Entry } from '../types.ts';

/** One member, as far as it is watched. */
export interface Watched {
  readonly id: number;
  readonly core: RaftCore | undefined;
  /** The commit index when it was looked at last. */
  commitSeen: number;
}

export class Safety {
  /** The highest index that any member was seen to have committed. */
  maxCommitted = 0;
  commits = 0;
  elections = 0;
  private readonly leaders = new Map<number, number>();
  private readonly committed = new Map<number, Entry>();

  recordCommitted(entry: Entry): void {
    const known = this.committed.get(entry.index);
    verify(
      known === undefined || JSON.stringify(known) === JSON.stringify(entry),
      `entry ${entry.index} was applied twice with different content`,
    );
    this.committed.set(entry.index, entry);
  }

  check(node: Watched): void {
    const status = node.core?.status();
    if (status === undefined || node.core === undefined) {
      return;
    }
    verify(status.committed >= node.commitSeen, `the commit index of ${node.id} went back`);
    for (
      let index = Math.max(node.commitSeen, status.firstIndex - 1) + 1;
      index <= status.committed;
      index += 1
    ) {
      const entry = node.core.entries(index - 1, index)[0];
      if (entry !== undefined) {
        this.recordCommitted(entry);
        this.commits += 1;
      }
    }
    node.commitSeen = status.committed;
    this.maxCommitted = Math.max(this.maxCommitted, status.committed);
    if (status.role === 'leader' && this.leaders.get(status.term) !== node.id) {
      verify(!this.leaders.has(status.term), `term ${status.term} has two leaders`);
      this.leaders.set(status.term, node.id);
      this.elections += 1;
      this.checkCompleteness(node.core, node.id);
    }
  }

  /** A new leader holds every entry that was ever committed. */
  private checkCompleteness(core: RaftCore, id: number): void {
    const { firstIndex } = core.status();
    for (const [index, entry] of this.committed) {
      verify(
        index < firstIndex || core.termAt(index) === entry.term,
        `the new leader ${id} lacks the committed entry ${index}`,
      );
    }
  }
}

/** Two logs that agree on one entry agree on everything before it. */
export function checkLogMatching(nodes: readonly Watched[]): void {
  const cores = nodes.flatMap((node) => (node.core === undefined ? [] : [node.core]));
  for (const a of cores) {
    for (const b of cores) {
      const low = Math.max(a.status().firstIndex, b.status().firstIndex);
      let agreed = false;
      for (let index = Math.min(a.status().lastIndex, b.status().lastIndex); index >= low; index -= 1) {
        const same = a.termAt(index) === b.termAt(index);
        verify(!agreed || same, `logs agree after entry ${index} but not on it`);
        agreed ||= same;
      }
    }
  }
}

/** After all faults have ended every member comes to the leader's end. */
export function checkSettled(nodes: ReadonlyMap<number, Watched>): void {
  const leader = [...nodes.values()].find((node) => node.core?.status().role === 'leader');
  verify(leader?.core !== undefined, 'no leader after all faults have stopped');
  const { committed, lastIndex } = leader.core.status();
  verify(committed === lastIndex, 'the leader has entries that it does not commit');
  for (const { raftId } of leader.core.members()) {
    const status = nodes.get(raftId)?.core?.status();
    verify(status?.applied === committed, `member ${raftId} stopped at ${status?.applied} of ${committed}`);
  }
}

export function verify(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new Error(message);
  }
}
