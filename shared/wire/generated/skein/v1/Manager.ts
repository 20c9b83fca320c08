// Original file: proto/control.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { ManagerState as _skein_v1_ManagerState, ManagerState__Output as _skein_v1_ManagerState__Output } from '../../skein/v1/ManagerState.ts';

export interface ManagerClient extends grpc.Client {
  GetState(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  GetState(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  GetState(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  GetState(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  getState(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  getState(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  getState(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  getState(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_ManagerState__Output>): grpc.ClientUnaryCall;
  
}

export interface ManagerHandlers extends grpc.UntypedServiceImplementation {
  GetState: grpc.handleUnaryCall<_skein_v1_Empty__Output, _skein_v1_ManagerState>;
  
}

export interface ManagerDefinition extends grpc.ServiceDefinition {
  GetState: MethodDefinition<_skein_v1_Empty, _skein_v1_ManagerState, _skein_v1_Empty__Output, _skein_v1_ManagerState__Output>
}
