// Original file: proto/control.proto

import type { ServiceSpec as _skein_v1_ServiceSpec, ServiceSpec__Output as _skein_v1_ServiceSpec__Output } from '../../skein/v1/ServiceSpec.ts';

export interface CreateServiceRequest {
  'spec'?: (_skein_v1_ServiceSpec | null);
}

export interface CreateServiceRequest__Output {
  'spec': (_skein_v1_ServiceSpec__Output | null);
}
