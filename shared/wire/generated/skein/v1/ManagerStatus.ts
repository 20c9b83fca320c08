// Original file: proto/objects.proto

import type { RaftReachability as _skein_v1_RaftReachability, RaftReachability__Output as _skein_v1_RaftReachability__Output } from '../../skein/v1/RaftReachability.ts';
import type { Long } from '@grpc/proto-loader';

export interface ManagerStatus {
  'raftId'?: (number | string | Long);
  'address'?: (string);
  'leader'?: (boolean);
  'reachability'?: (_skein_v1_RaftReachability);
  'unreachableSinceUs'?: (number | string | Long);
  '_unreachableSinceUs'?: "unreachableSinceUs";
}

export interface ManagerStatus__Output {
  'raftId': (number);
  'address': (string);
  'leader': (boolean);
  'reachability': (_skein_v1_RaftReachability__Output);
  'unreachableSinceUs'?: (number);
  '_unreachableSinceUs'?: "unreachableSinceUs";
}
