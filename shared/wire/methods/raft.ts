// Raft's own messages: for managers' certificates only.
import type { RaftTransportService } from '../../protocol/raft.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { emptyResponse } from '../empty.ts';
import { raftBatch, raftSnapshotPart } from '../raft.ts';
import { streamMethods } from './build.ts';

const transport = streamMethods('RaftTransport', ['manager']);

export const raftTransportMethods: MethodTable<RaftTransportService> = {
  messages: transport.clientStream('Messages', raftBatch, emptyResponse),
  snapshot: transport.clientStream('Snapshot', raftSnapshotPart, emptyResponse),
};
