// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftAddressChange {
  'raftId'?: (number | string | Long);
  'address'?: (string);
}

export interface RaftAddressChange__Output {
  'raftId': (number);
  'address': (string);
}
