// Original file: proto/control.proto

import type { Node as _skein_v1_Node, Node__Output as _skein_v1_Node__Output } from '../../skein/v1/Node.ts';

export interface ListNodesResponse {
  'nodes'?: (_skein_v1_Node)[];
}

export interface ListNodesResponse__Output {
  'nodes': (_skein_v1_Node__Output)[];
}
