// The figures that govern a raft node, each with its unit and reason, and how a member comes to life.
import type { CoreOptions, Member, RaftId } from './core/types.ts';

/** How a member starts when its disk is empty. With state on disk it goes on from there whatever this says. */
export type FirstStart =
  /** The first manager of a new cluster. */
  | { readonly kind: 'bootstrap'; readonly member: Omit<Member, 'learner'> }
  /** Joins a group whose leader has added it (as a learner, under this id). */
  | { readonly kind: 'join'; readonly raftId: RaftId; readonly members: readonly Member[] };

export interface ConsensusOptions {
  readonly first: FirstStart;
  readonly tickMs?: number;
  /** From `propose` to its rejection when no majority confirms it. */
  readonly proposalTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  readonly snapshotEveryEntries?: number;
  readonly keepEntries?: number;
  /** Hand leadership over before stopping (waits 1 s at most). */
  readonly transferOnStop?: boolean;
  /**
   * After the loss of the majority: at this start, commits everything in the log and makes this member the
   * only one. Entries that were not known to be committed are kept.
   */
  readonly forceNewCluster?: boolean;
  readonly core?: Partial<Omit<CoreOptions, 'id'>>;
}

export const DEFAULT_NODE_OPTIONS = {
  /** DESIGN section 5: leader loss is noticed after 10 to 20 of these. */
  tickMs: 100,
  /** Longer than an election and a slow disk together; callers have time-outs of their own. */
  proposalTimeoutMs: 30_000,
  readTimeoutMs: 10_000,
  /** Replaying this many entries at a restart takes well under a second. */
  snapshotEveryEntries: 10_000,
  /** A follower this far behind is brought up by entries, not by a snapshot. */
  keepEntries: 500,
  transferOnStop: false,
  forceNewCluster: false,
};

/** Largest entry (1.5 MiB): what the store promises its callers. */
export const MAX_PROPOSAL_BYTES = 1.5 * 1024 * 1024;
/** Ticks made up for at once after a stall: a stalled loop must read its messages before it doubts its leader. */
export const MAX_CATCH_UP_TICKS = 2;
export const STOP_TRANSFER_MS = 1_000;
