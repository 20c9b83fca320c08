// The schema of all cluster protocols but raft's own messages: one load of the .proto files for a process.
import type { ProtoGrpcType as Objects } from './generated/objects.ts';
import type { ProtoGrpcType as Specs } from './generated/specs.ts';
import { openSchema } from './schema.ts';

type Types = { readonly skein: { readonly v1: Objects['skein']['v1'] & Specs['skein']['v1'] } };

export const messages = openSchema<Types>(['objects.proto', 'specs.proto']);
