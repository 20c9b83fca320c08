// Membership calls between managers. The raft messages themselves are raft/core's own types.
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
