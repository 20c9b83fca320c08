// Original file: proto/raft.proto

import type { RaftMember as _skein_v1_RaftMember, RaftMember__Output as _skein_v1_RaftMember__Output } from '../../skein/v1/RaftMember.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftSnapshotMeta {
  'index'?: (number | string | Long);
  'term'?: (number | string | Long);
  'members'?: (_skein_v1_RaftMember)[];
}

export interface RaftSnapshotMeta__Output {
  'index': (number);
  'term': (number);
  'members': (_skein_v1_RaftMember__Output)[];
}
