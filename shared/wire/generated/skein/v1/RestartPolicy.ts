// Original file: proto/specs.proto

import type { RestartCondition as _skein_v1_RestartCondition, RestartCondition__Output as _skein_v1_RestartCondition__Output } from '../../skein/v1/RestartCondition.ts';
import type { Long } from '@grpc/proto-loader';

export interface RestartPolicy {
  'condition'?: (_skein_v1_RestartCondition);
  'delayNs'?: (number | string | Long);
  'maxAttempts'?: (number | string | Long);
  'windowNs'?: (number | string | Long);
}

export interface RestartPolicy__Output {
  'condition': (_skein_v1_RestartCondition__Output);
  'delayNs': (number);
  'maxAttempts': (number);
  'windowNs': (number);
}
