// Original file: proto/objects.proto

import type { EndpointSpec as _skein_v1_EndpointSpec, EndpointSpec__Output as _skein_v1_EndpointSpec__Output } from '../../skein/v1/EndpointSpec.ts';
import type { PortConfig as _skein_v1_PortConfig, PortConfig__Output as _skein_v1_PortConfig__Output } from '../../skein/v1/PortConfig.ts';
import type { VirtualIp as _skein_v1_VirtualIp, VirtualIp__Output as _skein_v1_VirtualIp__Output } from '../../skein/v1/VirtualIp.ts';

export interface Endpoint {
  'spec'?: (_skein_v1_EndpointSpec | null);
  'ports'?: (_skein_v1_PortConfig)[];
  'virtualIps'?: (_skein_v1_VirtualIp)[];
}

export interface Endpoint__Output {
  'spec': (_skein_v1_EndpointSpec__Output | null);
  'ports': (_skein_v1_PortConfig__Output)[];
  'virtualIps': (_skein_v1_VirtualIp__Output)[];
}
