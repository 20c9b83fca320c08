// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftVote {
  'lastIndex'?: (number | string | Long);
  'lastTerm'?: (number | string | Long);
  'force'?: (boolean);
}

export interface RaftVote__Output {
  'lastIndex': (number);
  'lastTerm': (number);
  'force': (boolean);
}
