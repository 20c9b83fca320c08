// The vocabulary of the consensus core: entries, members, messages and what the core asks of its
// embedder. Plain readonly data only; nothing here knows of disks, streams or time.

/** A member's number in the consensus group: positive, never used twice. 0 means "nobody". */
export type RaftId = number;

export const NOBODY: RaftId = 0;

/** One member of the group. Node id and address are replicated for the embedder; the core does not read them. */
export interface Member {
  readonly raftId: RaftId;
  readonly nodeId: string;
  readonly address: string;
  /** A learner gets the log but has no vote. */
  readonly learner: boolean;
}

/** One step of membership. Only one may be in flight at a time. */
export type ConfigChange =
  | { readonly op: 'add-learner'; readonly member: Member }
  | { readonly op: 'promote'; readonly raftId: RaftId }
  | { readonly op: 'remove'; readonly raftId: RaftId }
  | { readonly op: 'update-address'; readonly raftId: RaftId; readonly address: string };

export type Entry =
  /** What a new leader writes to commit the entries before it. */
  | { readonly kind: 'noop'; readonly term: number; readonly index: number }
  | { readonly kind: 'data'; readonly term: number; readonly index: number; readonly data: Uint8Array }
  | { readonly kind: 'config'; readonly term: number; readonly index: number; readonly change: ConfigChange };

/** What must survive a crash besides the log. */
export interface HardState {
  readonly term: number;
  readonly vote: RaftId;
  readonly commit: number;
}

/** Names a snapshot: the last entry it covers and the members as of that entry. */
export interface SnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly members: readonly Member[];
}

interface Envelope {
  readonly from: RaftId;
  readonly to: RaftId;
  readonly term: number;
}

/**
 * The last entry that the sender of a vote knows to be committed. Who holds that very entry knows so too. A
 * candidate may need it: the change that took a vote away may be committed without its knowledge, and the
 * one who lost the vote, with the longer log, would refuse it for ever.
 */
export interface CommitHint {
  readonly commit: number;
  readonly commitTerm: number;
}

export type MessageBody =
  /** `term` is the one the sender would stand for; its own is one less. */
  | { readonly kind: 'pre-vote'; readonly lastIndex: number; readonly lastTerm: number }
  | ({ readonly kind: 'pre-vote-response'; readonly granted: boolean } & CommitHint)
  /** `force`: the leader asked for this election (transfer), so its lease does not protect it. */
  | { readonly kind: 'vote'; readonly lastIndex: number; readonly lastTerm: number; readonly force: boolean }
  | ({ readonly kind: 'vote-response'; readonly granted: boolean } & CommitHint)
  | {
      readonly kind: 'append';
      readonly prevIndex: number;
      readonly prevTerm: number;
      readonly commit: number;
      readonly entries: readonly Entry[];
    }
  /** Everything up to `index` equals the leader's log and is on the sender's disk. */
  | { readonly kind: 'append-response'; readonly index: number }
  /** The sender has no entry `prevIndex` of that term; the hint is its last entry that may match. */
  | {
      readonly kind: 'append-reject';
      readonly prevIndex: number;
      readonly hintIndex: number;
      readonly hintTerm: number;
    }
  | { readonly kind: 'heartbeat'; readonly commit: number; readonly readSequence: number }
  | { readonly kind: 'heartbeat-response'; readonly readSequence: number }
  /** The embedder carries the snapshot's bytes beside this message and steps it only when they are all there. */
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotMeta }
  | { readonly kind: 'read-request'; readonly requestId: number }
  | { readonly kind: 'read-response'; readonly requestId: number; readonly index: number }
  | { readonly kind: 'timeout-now' };

export type Message = Envelope & MessageBody;
export type MessageKind = Message['kind'];
export type MessageOf<K extends MessageKind> = Extract<Message, { readonly kind: K }>;

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** What must reach the disk, in order, before `messages` may leave. */
export interface Write {
  /** Handed back by `advance({ written: id })`. */
  readonly id: number;
  readonly hardState: HardState;
  /** Contiguous; the first may overwrite entries on disk from its index on. */
  readonly entries: readonly Entry[];
  /** A received snapshot that replaces log and state; written before the entries. */
  readonly snapshot: SnapshotMeta | undefined;
  /** Promises that hold only once the write is durable. Messages to this member itself are not among them. */
  readonly messages: readonly Message[];
}

/** A read requested with `requestId` may be served once `index` is applied. */
export interface ReadGrant {
  readonly requestId: number;
  readonly index: number;
}

/** The work the core has for its embedder; see the duties at `RaftCore`. */
export interface Ready {
  /** May leave at once, before and besides the write. */
  readonly messages: readonly Message[];
  readonly write: Write | undefined;
  /** Committed and durable here, in order, each handed out once. */
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadGrant[];
}

/** Why a proposal was not taken. */
export type ProposeResult =
  | { readonly ok: true; readonly firstIndex: number; readonly term: number }
  | {
      readonly ok: false;
      readonly reason:
        | 'not-leader'
        | 'transferring'
        | 'uncommitted-full'
        | 'change-pending'
        | 'no-such-member'
        | 'member-exists'
        | 'last-voter';
    };

export interface CoreOptions {
  readonly id: RaftId;
  /** Ticks without a leader before an election; the real time-out is drawn from [n, 2n). */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Most bytes of entries in one append message (one entry always fits). */
  readonly maxMessageBytes: number;
  /** Most append messages in flight to one follower. */
  readonly maxInflightMessages: number;
  /** Most bytes of entries in flight to one follower. */
  readonly maxInflightBytes: number;
  /** Most bytes of proposals not yet committed; one proposal is always taken when there is none. */
  readonly maxUncommittedBytes: number;
  /** Most bytes of committed entries handed out by one `ready()` (one entry always fits). */
  readonly maxCommittedBytes: number;
  /** Whether the leader promotes learners that have caught up. */
  readonly promoteLearners: boolean;
}

/** Why each figure: DESIGN section 5 and etcd's long-used defaults; the ticks are 100 ms in production. */
export const DEFAULT_CORE_OPTIONS: Omit<CoreOptions, 'id'> = {
  electionTicks: 10,
  heartbeatTicks: 1,
  maxMessageBytes: 1024 * 1024,
  maxInflightMessages: 256,
  maxInflightBytes: 16 * 1024 * 1024,
  maxUncommittedBytes: 64 * 1024 * 1024,
  maxCommittedBytes: 4 * 1024 * 1024,
  promoteLearners: true,
};

/** What a member knows when it starts: nothing but what its disk holds. */
export interface InitialState {
  readonly hardState: HardState;
  /** The snapshot that precedes `entries`; index 0 with the founding members for a new group. */
  readonly snapshot: SnapshotMeta;
  /** Follow `firstIndex` without a gap; may begin before the snapshot's index (kept for slow followers). */
  readonly entries: readonly Entry[];
  /** Term of the entry before the first of `entries`. */
  readonly previousTerm: number;
}

/** Bytes an entry counts for in every limit; the constant stands for its frame. */
export function entryBytes(entry: Entry): number {
  return entry.kind === 'data' ? entry.data.length + 32 : 64;
}

export function assertCore(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new Error(`raft invariant broken: ${message}`);
  }
}
