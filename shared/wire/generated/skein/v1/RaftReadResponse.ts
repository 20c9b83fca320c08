// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftReadResponse {
  'requestId'?: (number | string | Long);
  'index'?: (number | string | Long);
}

export interface RaftReadResponse__Output {
  'requestId': (number);
  'index': (number);
}
