// Original file: proto/raft.proto

import type { RaftMessage as _skein_v1_RaftMessage, RaftMessage__Output as _skein_v1_RaftMessage__Output } from '../../skein/v1/RaftMessage.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftBatch {
  'from'?: (number | string | Long);
  'address'?: (string);
  'messages'?: (_skein_v1_RaftMessage)[];
}

export interface RaftBatch__Output {
  'from': (number);
  'address': (string);
  'messages': (_skein_v1_RaftMessage__Output)[];
}
