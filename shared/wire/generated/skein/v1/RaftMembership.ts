// Original file: proto/raft_membership.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { RaftJoinRequest as _skein_v1_RaftJoinRequest, RaftJoinRequest__Output as _skein_v1_RaftJoinRequest__Output } from '../../skein/v1/RaftJoinRequest.ts';
import type { RaftJoinResponse as _skein_v1_RaftJoinResponse, RaftJoinResponse__Output as _skein_v1_RaftJoinResponse__Output } from '../../skein/v1/RaftJoinResponse.ts';
import type { RaftLeaveRequest as _skein_v1_RaftLeaveRequest, RaftLeaveRequest__Output as _skein_v1_RaftLeaveRequest__Output } from '../../skein/v1/RaftLeaveRequest.ts';

export interface RaftMembershipClient extends grpc.Client {
  Join(argument: _skein_v1_RaftJoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _skein_v1_RaftJoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _skein_v1_RaftJoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _skein_v1_RaftJoinRequest, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _skein_v1_RaftJoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _skein_v1_RaftJoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _skein_v1_RaftJoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _skein_v1_RaftJoinRequest, callback: grpc.requestCallback<_skein_v1_RaftJoinResponse__Output>): grpc.ClientUnaryCall;
  
  Leave(argument: _skein_v1_RaftLeaveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  Leave(argument: _skein_v1_RaftLeaveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  Leave(argument: _skein_v1_RaftLeaveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  Leave(argument: _skein_v1_RaftLeaveRequest, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _skein_v1_RaftLeaveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _skein_v1_RaftLeaveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _skein_v1_RaftLeaveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  leave(argument: _skein_v1_RaftLeaveRequest, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
}

export interface RaftMembershipHandlers extends grpc.UntypedServiceImplementation {
  Join: grpc.handleUnaryCall<_skein_v1_RaftJoinRequest__Output, _skein_v1_RaftJoinResponse>;
  
  Leave: grpc.handleUnaryCall<_skein_v1_RaftLeaveRequest__Output, _skein_v1_Empty>;
  
}

export interface RaftMembershipDefinition extends grpc.ServiceDefinition {
  Join: MethodDefinition<_skein_v1_RaftJoinRequest, _skein_v1_RaftJoinResponse, _skein_v1_RaftJoinRequest__Output, _skein_v1_RaftJoinResponse__Output>
  Leave: MethodDefinition<_skein_v1_RaftLeaveRequest, _skein_v1_Empty, _skein_v1_RaftLeaveRequest__Output, _skein_v1_Empty__Output>
}
