// Original file: proto/control.proto

import type { ServiceSpec as _skein_v1_ServiceSpec, ServiceSpec__Output as _skein_v1_ServiceSpec__Output } from '../../skein/v1/ServiceSpec.ts';
import type { ServiceRollback as _skein_v1_ServiceRollback, ServiceRollback__Output as _skein_v1_ServiceRollback__Output } from '../../skein/v1/ServiceRollback.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateServiceRequest {
  'ref'?: (string);
  'version'?: (number | string | Long);
  'spec'?: (_skein_v1_ServiceSpec | null);
  'rollback'?: (_skein_v1_ServiceRollback);
}

export interface UpdateServiceRequest__Output {
  'ref': (string);
  'version': (number);
  'spec': (_skein_v1_ServiceSpec__Output | null);
  'rollback': (_skein_v1_ServiceRollback__Output);
}
