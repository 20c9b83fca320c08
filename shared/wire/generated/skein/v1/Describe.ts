// Original file: proto/dispatcher.proto

import type { NodeDescription as _skein_v1_NodeDescription, NodeDescription__Output as _skein_v1_NodeDescription__Output } from '../../skein/v1/NodeDescription.ts';

export interface Describe {
  'description'?: (_skein_v1_NodeDescription | null);
}

export interface Describe__Output {
  'description': (_skein_v1_NodeDescription__Output | null);
}
