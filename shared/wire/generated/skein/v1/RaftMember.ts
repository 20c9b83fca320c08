// Original file: proto/raft_membership.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftMember {
  'raftId'?: (number | string | Long);
  'nodeId'?: (string);
  'address'?: (string);
  'learner'?: (boolean);
}

export interface RaftMember__Output {
  'raftId': (number);
  'nodeId': (string);
  'address': (string);
  'learner': (boolean);
}
