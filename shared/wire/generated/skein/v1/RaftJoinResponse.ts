// Original file: proto/raft_membership.proto

import type { RaftMember as _skein_v1_RaftMember, RaftMember__Output as _skein_v1_RaftMember__Output } from '../../skein/v1/RaftMember.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftJoinResponse {
  'raftId'?: (number | string | Long);
  'members'?: (_skein_v1_RaftMember)[];
}

export interface RaftJoinResponse__Output {
  'raftId': (number);
  'members': (_skein_v1_RaftMember__Output)[];
}
