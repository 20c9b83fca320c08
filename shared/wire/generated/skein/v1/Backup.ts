// Original file: proto/backup.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BackupPart as _skein_v1_BackupPart, BackupPart__Output as _skein_v1_BackupPart__Output } from '../../skein/v1/BackupPart.ts';
import type { BackupRequest as _skein_v1_BackupRequest, BackupRequest__Output as _skein_v1_BackupRequest__Output } from '../../skein/v1/BackupRequest.ts';

export interface BackupClient extends grpc.Client {
  Create(argument: _skein_v1_BackupRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_BackupPart__Output>;
  Create(argument: _skein_v1_BackupRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_BackupPart__Output>;
  create(argument: _skein_v1_BackupRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_BackupPart__Output>;
  create(argument: _skein_v1_BackupRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_BackupPart__Output>;
  
}

export interface BackupHandlers extends grpc.UntypedServiceImplementation {
  Create: grpc.handleServerStreamingCall<_skein_v1_BackupRequest__Output, _skein_v1_BackupPart>;
  
}

export interface BackupDefinition extends grpc.ServiceDefinition {
  Create: MethodDefinition<_skein_v1_BackupRequest, _skein_v1_BackupPart, _skein_v1_BackupRequest__Output, _skein_v1_BackupPart__Output>
}
