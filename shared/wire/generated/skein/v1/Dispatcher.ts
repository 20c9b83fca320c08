// Original file: proto/dispatcher.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _skein_v1_AgentMessage, AgentMessage__Output as _skein_v1_AgentMessage__Output } from '../../skein/v1/AgentMessage.ts';
import type { DispatcherMessage as _skein_v1_DispatcherMessage, DispatcherMessage__Output as _skein_v1_DispatcherMessage__Output } from '../../skein/v1/DispatcherMessage.ts';

export interface DispatcherClient extends grpc.Client {
  Session(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_skein_v1_AgentMessage, _skein_v1_DispatcherMessage__Output>;
  Session(options?: grpc.CallOptions): grpc.ClientDuplexStream<_skein_v1_AgentMessage, _skein_v1_DispatcherMessage__Output>;
  session(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_skein_v1_AgentMessage, _skein_v1_DispatcherMessage__Output>;
  session(options?: grpc.CallOptions): grpc.ClientDuplexStream<_skein_v1_AgentMessage, _skein_v1_DispatcherMessage__Output>;
  
}

export interface DispatcherHandlers extends grpc.UntypedServiceImplementation {
  Session: grpc.handleBidiStreamingCall<_skein_v1_AgentMessage__Output, _skein_v1_DispatcherMessage>;
  
}

export interface DispatcherDefinition extends grpc.ServiceDefinition {
  Session: MethodDefinition<_skein_v1_AgentMessage, _skein_v1_DispatcherMessage, _skein_v1_AgentMessage__Output, _skein_v1_DispatcherMessage__Output>
}
