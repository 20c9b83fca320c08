// Original file: proto/control.proto

import type { NodeSpec as _skein_v1_NodeSpec, NodeSpec__Output as _skein_v1_NodeSpec__Output } from '../../skein/v1/NodeSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateNodeRequest {
  'ref'?: (string);
  'version'?: (number | string | Long);
  'spec'?: (_skein_v1_NodeSpec | null);
}

export interface UpdateNodeRequest__Output {
  'ref': (string);
  'version': (number);
  'spec': (_skein_v1_NodeSpec__Output | null);
}
