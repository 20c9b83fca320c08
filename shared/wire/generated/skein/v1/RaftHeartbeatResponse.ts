// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftHeartbeatResponse {
  'readSequence'?: (number | string | Long);
}

export interface RaftHeartbeatResponse__Output {
  'readSequence': (number);
}
