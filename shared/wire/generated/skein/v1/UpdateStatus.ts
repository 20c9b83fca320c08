// Original file: proto/objects.proto

import type { UpdateState as _skein_v1_UpdateState, UpdateState__Output as _skein_v1_UpdateState__Output } from '../../skein/v1/UpdateState.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateStatus {
  'state'?: (_skein_v1_UpdateState);
  'startedAtUs'?: (number | string | Long);
  'completedAtUs'?: (number | string | Long);
  'message'?: (string);
  '_startedAtUs'?: "startedAtUs";
  '_completedAtUs'?: "completedAtUs";
}

export interface UpdateStatus__Output {
  'state': (_skein_v1_UpdateState__Output);
  'startedAtUs'?: (number);
  'completedAtUs'?: (number);
  'message': (string);
  '_startedAtUs'?: "startedAtUs";
  '_completedAtUs'?: "completedAtUs";
}
