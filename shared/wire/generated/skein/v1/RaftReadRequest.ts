// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftReadRequest {
  'requestId'?: (number | string | Long);
}

export interface RaftReadRequest__Output {
  'requestId': (number);
}
