// The schema of all cluster protocols but raft's own messages: one load of the .proto files for a process.
import type { ProtoGrpcType as Backup } from './generated/backup.ts';
import type { ProtoGrpcType as Ca } from './generated/ca.ts';
import type { ProtoGrpcType as Control } from './generated/control.ts';
import type { ProtoGrpcType as Dispatcher } from './generated/dispatcher.ts';
import type { ProtoGrpcType as Empty } from './generated/empty.ts';
import type { ProtoGrpcType as Logs } from './generated/logs.ts';
import type { ProtoGrpcType as Objects } from './generated/objects.ts';
import type { ProtoGrpcType as RaftMembership } from './generated/raft_membership.ts';
import type { ProtoGrpcType as Specs } from './generated/specs.ts';
import type { ProtoGrpcType as Store } from './generated/store.ts';
import { openSchema } from './schema.ts';

type Package<Types extends { readonly skein: { readonly v1: object } }> = Types['skein']['v1'];

interface Types {
  readonly skein: {
    readonly v1: Package<Backup> &
      Package<Ca> &
      Package<Control> &
      Package<Dispatcher> &
      Package<Empty> &
      Package<Logs> &
      Package<Objects> &
      Package<RaftMembership> &
      Package<Specs> &
      Package<Store>;
  };
}

export const messages = openSchema<Types>([
  'backup.proto',
  'ca.proto',
  'control.proto',
  'dispatcher.proto',
  'empty.proto',
  'logs.proto',
  'objects.proto',
  'raft_membership.proto',
  'specs.proto',
  'store.proto',
]);
