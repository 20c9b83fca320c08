// Original file: proto/raft.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { RaftBatch as _skein_v1_RaftBatch, RaftBatch__Output as _skein_v1_RaftBatch__Output } from '../../skein/v1/RaftBatch.ts';
import type { RaftSnapshotPart as _skein_v1_RaftSnapshotPart, RaftSnapshotPart__Output as _skein_v1_RaftSnapshotPart__Output } from '../../skein/v1/RaftSnapshotPart.ts';

export interface RaftTransportClient extends grpc.Client {
  Messages(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  Messages(metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  Messages(options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  Messages(callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  messages(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  messages(metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  messages(options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  messages(callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftBatch>;
  
  Snapshot(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  Snapshot(metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  Snapshot(options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  Snapshot(callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  snapshot(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  snapshot(metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  snapshot(options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  snapshot(callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientWritableStream<_skein_v1_RaftSnapshotPart>;
  
}

export interface RaftTransportHandlers extends grpc.UntypedServiceImplementation {
  Messages: grpc.handleClientStreamingCall<_skein_v1_RaftBatch__Output, _skein_v1_Empty>;
  
  Snapshot: grpc.handleClientStreamingCall<_skein_v1_RaftSnapshotPart__Output, _skein_v1_Empty>;
  
}

export interface RaftTransportDefinition extends grpc.ServiceDefinition {
  Messages: MethodDefinition<_skein_v1_RaftBatch, _skein_v1_Empty, _skein_v1_RaftBatch__Output, _skein_v1_Empty__Output>
  Snapshot: MethodDefinition<_skein_v1_RaftSnapshotPart, _skein_v1_Empty, _skein_v1_RaftSnapshotPart__Output, _skein_v1_Empty__Output>
}
