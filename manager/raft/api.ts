// What the rest of the manager knows of consensus: propose, read barrier, membership, leadership.
import type { Id } from '../../shared/model/meta.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';
import type { Startable } from '../../shared/lifecycle.ts';

export interface AppliedEntry {
  readonly index: number;
  readonly term: number;
  /** The very Uint8Array that was passed to `propose` when this member proposed it. */
  readonly data: Uint8Array;
}

/** What raft replicates. Both calls are synchronous and deterministic; a throw stops the process. */
export interface StateMachine {
  apply(entry: AppliedEntry): void;
  /** Freezes the state now and yields it in chunks (at most 64 KiB each) as they are asked for. */
  snapshot(): Iterable<Uint8Array>;
  /** Replaces the state by a snapshot taken at `index`. */
  restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface RaftStatus {
  readonly raftId: number;
  readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'learner';
  readonly term: number;
  /** 0 when none is known. */
  readonly leaderId: number;
  readonly committed: number;
  readonly applied: number;
  readonly members: readonly RaftMember[];
  /** Leader only: members heard from within an election timeout, itself included. */
  readonly active: readonly number[];
}

export interface RaftNode extends Startable {
  status(): RaftStatus;
  /**
   * Resolves with the index once committed and applied here; rejects with `not-leader` or `proposal-dropped`.
   * Proposals are placed in the order of the calls, in one term; one that is lost takes those after it along that
   * are not placed yet.
   * @param basis what `basis()` was when the first of the proposals that this one builds on was made: with an older
   *   one it rejects with `earlier-unconfirmed`, and nothing is done
   */
  propose(data: Uint8Array, basis?: number): Promise<number>;
  /** Another number after every proposal that ended otherwise than applied. */
  basis(): number;
  /** Linearizable read barrier (read-index, forwarded to the leader by followers): resolves when this member has applied at least what was committed at the call. */
  readBarrier(signal?: AbortSignal): Promise<void>;
  /** Leader only: adds a learner that becomes a voter when it has caught up. Resolves when the learner is committed. */
  addMember(member: {
    readonly raftId: number;
    readonly nodeId: Id;
    readonly address: string;
  }): Promise<void>;
  /** Leader only. Refuses with `quorum-loss` when the remaining reachable voters would be no majority, unless forced. */
  removeMember(raftId: number, options?: { readonly force: boolean }): Promise<void>;
  /** Leader only: a member's address changed. */
  updateMemberAddress(raftId: number, address: string): Promise<void>;
  transferLeadership(toRaftId?: number): Promise<void>;
  /** Told at every change; the state machine has applied everything of earlier terms before `leader: true` is told. */
  onLeadership(listener: (event: { readonly leader: boolean; readonly term: number }) => void): () => void;
  /** Told when the set of members or the known leader changes. */
  onStatus(listener: (status: RaftStatus) => void): () => void;
}
