// Original file: proto/objects.proto

import type { NodeState as _skein_v1_NodeState, NodeState__Output as _skein_v1_NodeState__Output } from '../../skein/v1/NodeState.ts';

export interface NodeStatus {
  'state'?: (_skein_v1_NodeState);
  'message'?: (string);
  'address'?: (string);
}

export interface NodeStatus__Output {
  'state': (_skein_v1_NodeState__Output);
  'message': (string);
  'address': (string);
}
