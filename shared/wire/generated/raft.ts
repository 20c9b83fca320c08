import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from './skein/v1/Empty.ts';
import type { RaftAddressChange as _skein_v1_RaftAddressChange, RaftAddressChange__Output as _skein_v1_RaftAddressChange__Output } from './skein/v1/RaftAddressChange.ts';
import type { RaftAppend as _skein_v1_RaftAppend, RaftAppend__Output as _skein_v1_RaftAppend__Output } from './skein/v1/RaftAppend.ts';
import type { RaftAppendReject as _skein_v1_RaftAppendReject, RaftAppendReject__Output as _skein_v1_RaftAppendReject__Output } from './skein/v1/RaftAppendReject.ts';
import type { RaftAppendResponse as _skein_v1_RaftAppendResponse, RaftAppendResponse__Output as _skein_v1_RaftAppendResponse__Output } from './skein/v1/RaftAppendResponse.ts';
import type { RaftBatch as _skein_v1_RaftBatch, RaftBatch__Output as _skein_v1_RaftBatch__Output } from './skein/v1/RaftBatch.ts';
import type { RaftConfigChange as _skein_v1_RaftConfigChange, RaftConfigChange__Output as _skein_v1_RaftConfigChange__Output } from './skein/v1/RaftConfigChange.ts';
import type { RaftEntry as _skein_v1_RaftEntry, RaftEntry__Output as _skein_v1_RaftEntry__Output } from './skein/v1/RaftEntry.ts';
import type { RaftHeartbeat as _skein_v1_RaftHeartbeat, RaftHeartbeat__Output as _skein_v1_RaftHeartbeat__Output } from './skein/v1/RaftHeartbeat.ts';
import type { RaftHeartbeatResponse as _skein_v1_RaftHeartbeatResponse, RaftHeartbeatResponse__Output as _skein_v1_RaftHeartbeatResponse__Output } from './skein/v1/RaftHeartbeatResponse.ts';
import type { RaftJoinRequest as _skein_v1_RaftJoinRequest, RaftJoinRequest__Output as _skein_v1_RaftJoinRequest__Output } from './skein/v1/RaftJoinRequest.ts';
import type { RaftJoinResponse as _skein_v1_RaftJoinResponse, RaftJoinResponse__Output as _skein_v1_RaftJoinResponse__Output } from './skein/v1/RaftJoinResponse.ts';
import type { RaftLeaveRequest as _skein_v1_RaftLeaveRequest, RaftLeaveRequest__Output as _skein_v1_RaftLeaveRequest__Output } from './skein/v1/RaftLeaveRequest.ts';
import type { RaftMember as _skein_v1_RaftMember, RaftMember__Output as _skein_v1_RaftMember__Output } from './skein/v1/RaftMember.ts';
import type { RaftMembershipClient as _skein_v1_RaftMembershipClient, RaftMembershipDefinition as _skein_v1_RaftMembershipDefinition } from './skein/v1/RaftMembership.ts';
import type { RaftMessage as _skein_v1_RaftMessage, RaftMessage__Output as _skein_v1_RaftMessage__Output } from './skein/v1/RaftMessage.ts';
import type { RaftReadRequest as _skein_v1_RaftReadRequest, RaftReadRequest__Output as _skein_v1_RaftReadRequest__Output } from './skein/v1/RaftReadRequest.ts';
import type { RaftReadResponse as _skein_v1_RaftReadResponse, RaftReadResponse__Output as _skein_v1_RaftReadResponse__Output } from './skein/v1/RaftReadResponse.ts';
import type { RaftSnapshotMeta as _skein_v1_RaftSnapshotMeta, RaftSnapshotMeta__Output as _skein_v1_RaftSnapshotMeta__Output } from './skein/v1/RaftSnapshotMeta.ts';
import type { RaftSnapshotPart as _skein_v1_RaftSnapshotPart, RaftSnapshotPart__Output as _skein_v1_RaftSnapshotPart__Output } from './skein/v1/RaftSnapshotPart.ts';
import type { RaftTransportClient as _skein_v1_RaftTransportClient, RaftTransportDefinition as _skein_v1_RaftTransportDefinition } from './skein/v1/RaftTransport.ts';
import type { RaftVote as _skein_v1_RaftVote, RaftVote__Output as _skein_v1_RaftVote__Output } from './skein/v1/RaftVote.ts';
import type { RaftVoteResponse as _skein_v1_RaftVoteResponse, RaftVoteResponse__Output as _skein_v1_RaftVoteResponse__Output } from './skein/v1/RaftVoteResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skein: {
    v1: {
      Empty: MessageTypeDefinition<_skein_v1_Empty, _skein_v1_Empty__Output>
      RaftAddressChange: MessageTypeDefinition<_skein_v1_RaftAddressChange, _skein_v1_RaftAddressChange__Output>
      RaftAppend: MessageTypeDefinition<_skein_v1_RaftAppend, _skein_v1_RaftAppend__Output>
      RaftAppendReject: MessageTypeDefinition<_skein_v1_RaftAppendReject, _skein_v1_RaftAppendReject__Output>
      RaftAppendResponse: MessageTypeDefinition<_skein_v1_RaftAppendResponse, _skein_v1_RaftAppendResponse__Output>
      RaftBatch: MessageTypeDefinition<_skein_v1_RaftBatch, _skein_v1_RaftBatch__Output>
      RaftConfigChange: MessageTypeDefinition<_skein_v1_RaftConfigChange, _skein_v1_RaftConfigChange__Output>
      RaftEntry: MessageTypeDefinition<_skein_v1_RaftEntry, _skein_v1_RaftEntry__Output>
      RaftHeartbeat: MessageTypeDefinition<_skein_v1_RaftHeartbeat, _skein_v1_RaftHeartbeat__Output>
      RaftHeartbeatResponse: MessageTypeDefinition<_skein_v1_RaftHeartbeatResponse, _skein_v1_RaftHeartbeatResponse__Output>
      RaftJoinRequest: MessageTypeDefinition<_skein_v1_RaftJoinRequest, _skein_v1_RaftJoinRequest__Output>
      RaftJoinResponse: MessageTypeDefinition<_skein_v1_RaftJoinResponse, _skein_v1_RaftJoinResponse__Output>
      RaftLeaveRequest: MessageTypeDefinition<_skein_v1_RaftLeaveRequest, _skein_v1_RaftLeaveRequest__Output>
      RaftMember: MessageTypeDefinition<_skein_v1_RaftMember, _skein_v1_RaftMember__Output>
      RaftMembership: SubtypeConstructor<typeof grpc.Client, _skein_v1_RaftMembershipClient> & { service: _skein_v1_RaftMembershipDefinition }
      RaftMessage: MessageTypeDefinition<_skein_v1_RaftMessage, _skein_v1_RaftMessage__Output>
      RaftReadRequest: MessageTypeDefinition<_skein_v1_RaftReadRequest, _skein_v1_RaftReadRequest__Output>
      RaftReadResponse: MessageTypeDefinition<_skein_v1_RaftReadResponse, _skein_v1_RaftReadResponse__Output>
      RaftSnapshotMeta: MessageTypeDefinition<_skein_v1_RaftSnapshotMeta, _skein_v1_RaftSnapshotMeta__Output>
      RaftSnapshotPart: MessageTypeDefinition<_skein_v1_RaftSnapshotPart, _skein_v1_RaftSnapshotPart__Output>
      RaftTransport: SubtypeConstructor<typeof grpc.Client, _skein_v1_RaftTransportClient> & { service: _skein_v1_RaftTransportDefinition }
      RaftVote: MessageTypeDefinition<_skein_v1_RaftVote, _skein_v1_RaftVote__Output>
      RaftVoteResponse: MessageTypeDefinition<_skein_v1_RaftVoteResponse, _skein_v1_RaftVoteResponse__Output>
    }
  }
}

