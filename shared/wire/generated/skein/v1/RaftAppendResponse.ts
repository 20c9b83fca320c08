// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftAppendResponse {
  'index'?: (number | string | Long);
}

export interface RaftAppendResponse__Output {
  'index': (number);
}
