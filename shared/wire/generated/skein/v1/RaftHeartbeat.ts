// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftHeartbeat {
  'commit'?: (number | string | Long);
  'readSequence'?: (number | string | Long);
}

export interface RaftHeartbeat__Output {
  'commit': (number);
  'readSequence': (number);
}
