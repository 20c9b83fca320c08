// Original file: proto/raft.proto

import type { RaftEntry as _skein_v1_RaftEntry, RaftEntry__Output as _skein_v1_RaftEntry__Output } from '../../skein/v1/RaftEntry.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftAppend {
  'prevIndex'?: (number | string | Long);
  'prevTerm'?: (number | string | Long);
  'commit'?: (number | string | Long);
  'entries'?: (_skein_v1_RaftEntry)[];
}

export interface RaftAppend__Output {
  'prevIndex': (number);
  'prevTerm': (number);
  'commit': (number);
  'entries': (_skein_v1_RaftEntry__Output)[];
}
