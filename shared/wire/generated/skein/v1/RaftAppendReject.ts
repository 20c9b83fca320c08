// Original file: proto/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftAppendReject {
  'prevIndex'?: (number | string | Long);
  'hintIndex'?: (number | string | Long);
  'hintTerm'?: (number | string | Long);
}

export interface RaftAppendReject__Output {
  'prevIndex': (number);
  'hintIndex': (number);
  'hintTerm': (number);
}
