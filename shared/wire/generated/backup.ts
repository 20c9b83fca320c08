import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BackupClient as _skein_v1_BackupClient, BackupDefinition as _skein_v1_BackupDefinition } from './skein/v1/Backup.ts';
import type { BackupPart as _skein_v1_BackupPart, BackupPart__Output as _skein_v1_BackupPart__Output } from './skein/v1/BackupPart.ts';
import type { BackupRequest as _skein_v1_BackupRequest, BackupRequest__Output as _skein_v1_BackupRequest__Output } from './skein/v1/BackupRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skein: {
    v1: {
      Backup: SubtypeConstructor<typeof grpc.Client, _skein_v1_BackupClient> & { service: _skein_v1_BackupDefinition }
      BackupPart: MessageTypeDefinition<_skein_v1_BackupPart, _skein_v1_BackupPart__Output>
      BackupRequest: MessageTypeDefinition<_skein_v1_BackupRequest, _skein_v1_BackupRequest__Output>
    }
  }
}

