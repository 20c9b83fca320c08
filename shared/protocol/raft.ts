// Calls between managers: membership, and the transport of raft's own messages. The message types repeat those
// of manager/raft/core, which imports nothing; where the two meet, the compiler compares them.
import type { Id } from '../model/meta.ts';
import type { CallContext } from './peer.ts';

export interface RaftMember {
  readonly raftId: number;
  readonly nodeId: Id;
  readonly address: string;
  readonly learner: boolean;
}

export interface RaftJoinRequest {
  /** `host:port` under which the other managers reach the joining one. */
  readonly address: string;
}

export interface RaftJoinResponse {
  readonly raftId: number;
  readonly members: readonly RaftMember[];
}

/** For managers only: `join` and `leave` speak for the node of the calling certificate. */
export interface RaftMembershipService {
  join(request: RaftJoinRequest, context: CallContext): Promise<RaftJoinResponse>;
  leave(request: { readonly nodeId: Id }, context: CallContext): Promise<void>;
}

export type RaftConfigChange =
  | { readonly op: 'add-learner'; readonly member: RaftMember }
  | { readonly op: 'promote'; readonly raftId: number }
  | { readonly op: 'remove'; readonly raftId: number }
  | { readonly op: 'update-address'; readonly raftId: number; readonly address: string };

export type RaftEntry =
  | { readonly kind: 'noop'; readonly term: number; readonly index: number }
  | { readonly kind: 'data'; readonly term: number; readonly index: number; readonly data: Uint8Array }
  | {
      readonly kind: 'config';
      readonly term: number;
      readonly index: number;
      readonly change: RaftConfigChange;
    };

export interface RaftSnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly members: readonly RaftMember[];
}

interface RaftCommitHint {
  readonly commit: number;
  readonly commitTerm: number;
}

export type RaftMessageBody =
  | { readonly kind: 'pre-vote'; readonly lastIndex: number; readonly lastTerm: number }
  | ({ readonly kind: 'pre-vote-response'; readonly granted: boolean } & RaftCommitHint)
  | { readonly kind: 'vote'; readonly lastIndex: number; readonly lastTerm: number; readonly force: boolean }
  | ({ readonly kind: 'vote-response'; readonly granted: boolean } & RaftCommitHint)
  | {
      readonly kind: 'append';
      readonly prevIndex: number;
      readonly prevTerm: number;
      readonly commit: number;
      readonly entries: readonly RaftEntry[];
    }
  | { readonly kind: 'append-response'; readonly index: number }
  | {
      readonly kind: 'append-reject';
      readonly prevIndex: number;
      readonly hintIndex: number;
      readonly hintTerm: number;
    }
  | { readonly kind: 'heartbeat'; readonly commit: number; readonly readSequence: number }
  | { readonly kind: 'heartbeat-response'; readonly readSequence: number }
  | { readonly kind: 'snapshot'; readonly snapshot: RaftSnapshotMeta }
  | { readonly kind: 'read-request'; readonly requestId: number }
  | { readonly kind: 'read-response'; readonly requestId: number; readonly index: number }
  | { readonly kind: 'timeout-now' };

export type RaftMessage = {
  readonly from: number;
  readonly to: number;
  readonly term: number;
} & RaftMessageBody;

/** Messages of one sender; its address is a hint for a receiver that does not know it yet. */
export interface RaftBatch {
  readonly from: number;
  readonly address: string;
  readonly messages: readonly RaftMessage[];
}

/** First the snapshot message alone in a batch, then the chunks of the state (64 KiB at most). */
export type RaftSnapshotPart =
  | { readonly kind: 'opening'; readonly batch: RaftBatch }
  | { readonly kind: 'chunk'; readonly data: Uint8Array };

/** For managers only. The raft id of a sender must belong to the node of the calling certificate. */
export interface RaftTransportService {
  /** Lasts as long as the sender is there; answers only at its end. */
  messages(batches: AsyncIterable<RaftBatch>, context: CallContext): Promise<void>;
  /** Answers when the snapshot is stored at the receiver. */
  snapshot(parts: AsyncIterable<RaftSnapshotPart>, context: CallContext): Promise<void>;
}
