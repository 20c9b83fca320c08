// Original file: proto/specs.proto

import type { UpdateFailureAction as _skein_v1_UpdateFailureAction, UpdateFailureAction__Output as _skein_v1_UpdateFailureAction__Output } from '../../skein/v1/UpdateFailureAction.ts';
import type { UpdateOrder as _skein_v1_UpdateOrder, UpdateOrder__Output as _skein_v1_UpdateOrder__Output } from '../../skein/v1/UpdateOrder.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateConfig {
  'parallelism'?: (number | string | Long);
  'delayNs'?: (number | string | Long);
  'failureAction'?: (_skein_v1_UpdateFailureAction);
  'monitorNs'?: (number | string | Long);
  'maxFailureRatio'?: (number | string);
  'order'?: (_skein_v1_UpdateOrder);
}

export interface UpdateConfig__Output {
  'parallelism': (number);
  'delayNs': (number);
  'failureAction': (_skein_v1_UpdateFailureAction__Output);
  'monitorNs': (number);
  'maxFailureRatio': (number);
  'order': (_skein_v1_UpdateOrder__Output);
}
