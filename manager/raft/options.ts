// The figures that govern a raft node, each with its unit and reason, and how a member comes to life.
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Random } from '../../shared/random.ts';
import type { StateMachine } from './api.ts';
import type { RaftStorage } from './storage/storage.ts';
import type { Transport } from './transport/api.ts';
import type { CoreOptions, Member, RaftId } from './core/types.ts';

export interface ConsensusDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly storage: RaftStorage;
  readonly transport: Transport;
  readonly stateMachine: StateMachine;
  /** Runs a callback after the event loop has turned; `setImmediate` outside of simulations. */
  readonly defer: (callback: () => void) => void;
  /** The disk failed, the state machine threw, or an invariant broke: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

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
export const STOP_TRANSFER_MS = 1_000;
