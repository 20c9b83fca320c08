// Original file: proto/logs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { LogMessage as _skein_v1_LogMessage, LogMessage__Output as _skein_v1_LogMessage__Output } from '../../skein/v1/LogMessage.ts';
import type { LogPublish as _skein_v1_LogPublish, LogPublish__Output as _skein_v1_LogPublish__Output } from '../../skein/v1/LogPublish.ts';
import type { LogSubscribeRequest as _skein_v1_LogSubscribeRequest, LogSubscribeRequest__Output as _skein_v1_LogSubscribeRequest__Output } from '../../skein/v1/LogSubscribeRequest.ts';
import type { LogSubscription as _skein_v1_LogSubscription, LogSubscription__Output as _skein_v1_LogSubscription__Output } from '../../skein/v1/LogSubscription.ts';

export interface LogsClient extends grpc.Client {
  Listen(argument: _skein_v1_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogSubscription__Output>;
  Listen(argument: _skein_v1_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogSubscription__Output>;
  listen(argument: _skein_v1_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogSubscription__Output>;
  listen(argument: _skein_v1_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogSubscription__Output>;
  
  Publish(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  Publish(metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  Publish(options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  Publish(callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  publish(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  publish(metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  publish(options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  publish(callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_LogPublish>;
  
  Subscribe(argument: _skein_v1_LogSubscribeRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogMessage__Output>;
  Subscribe(argument: _skein_v1_LogSubscribeRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogMessage__Output>;
  subscribe(argument: _skein_v1_LogSubscribeRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogMessage__Output>;
  subscribe(argument: _skein_v1_LogSubscribeRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_LogMessage__Output>;
  
}

export interface LogsHandlers extends grpc.UntypedServiceImplementation {
  Listen: grpc.handleServerStreamingCall<_skein_v1_Empty__Output, _skein_v1_LogSubscription>;
  
  Publish: grpc.handleClientStreamingCall<_skein_v1_LogPublish__Output, _skein_v1_Empty>;
  
  Subscribe: grpc.handleServerStreamingCall<_skein_v1_LogSubscribeRequest__Output, _skein_v1_LogMessage>;
  
}

export interface LogsDefinition extends grpc.ServiceDefinition {
  Listen: MethodDefinition<_skein_v1_Empty, _skein_v1_LogSubscription, _skein_v1_Empty__Output, _skein_v1_LogSubscription__Output>
  Publish: MethodDefinition<_skein_v1_LogPublish, _skein_v1_Empty, _skein_v1_LogPublish__Output, _skein_v1_Empty__Output>
  Subscribe: MethodDefinition<_skein_v1_LogSubscribeRequest, _skein_v1_LogMessage, _skein_v1_LogSubscribeRequest__Output, _skein_v1_LogMessage__Output>
}
