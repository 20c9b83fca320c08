// Original file: proto/specs.proto

import type { EndpointMode as _skein_v1_EndpointMode, EndpointMode__Output as _skein_v1_EndpointMode__Output } from '../../skein/v1/EndpointMode.ts';
import type { PortConfig as _skein_v1_PortConfig, PortConfig__Output as _skein_v1_PortConfig__Output } from '../../skein/v1/PortConfig.ts';

export interface EndpointSpec {
  'mode'?: (_skein_v1_EndpointMode);
  'ports'?: (_skein_v1_PortConfig)[];
}

export interface EndpointSpec__Output {
  'mode': (_skein_v1_EndpointMode__Output);
  'ports': (_skein_v1_PortConfig__Output)[];
}
