// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftVoteResponse {
  'granted'?: (boolean);
  'commit'?: (number | string | Long);
  'commitTerm'?: (number | string | Long);
}

export interface RaftVoteResponse__Output {
  'granted': (boolean);
  'commit': (number);
  'commitTerm': (number);
}
