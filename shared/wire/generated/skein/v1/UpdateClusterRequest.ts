// Original file: proto/control.proto

import type { ClusterSpec as _skein_v1_ClusterSpec, ClusterSpec__Output as _skein_v1_ClusterSpec__Output } from '../../skein/v1/ClusterSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateClusterRequest {
  'version'?: (number | string | Long);
  'spec'?: (_skein_v1_ClusterSpec | null);
  'rotateWorkerToken'?: (boolean);
  'rotateManagerToken'?: (boolean);
  'rotateUnlockKey'?: (boolean);
}

export interface UpdateClusterRequest__Output {
  'version': (number);
  'spec': (_skein_v1_ClusterSpec__Output | null);
  'rotateWorkerToken': (boolean);
  'rotateManagerToken': (boolean);
  'rotateUnlockKey': (boolean);
}
