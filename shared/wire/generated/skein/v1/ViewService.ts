// Original file: proto/objects.proto

import type { EndpointMode as _skein_v1_EndpointMode, EndpointMode__Output as _skein_v1_EndpointMode__Output } from '../../skein/v1/EndpointMode.ts';
import type { PortConfig as _skein_v1_PortConfig, PortConfig__Output as _skein_v1_PortConfig__Output } from '../../skein/v1/PortConfig.ts';
import type { ViewEndpoint as _skein_v1_ViewEndpoint, ViewEndpoint__Output as _skein_v1_ViewEndpoint__Output } from '../../skein/v1/ViewEndpoint.ts';

export interface ViewService {
  'serviceId'?: (string);
  'name'?: (string);
  'mode'?: (_skein_v1_EndpointMode);
  'virtualIps'?: (string)[];
  'aliases'?: (string)[];
  'ports'?: (_skein_v1_PortConfig)[];
  'endpoints'?: (_skein_v1_ViewEndpoint)[];
}

export interface ViewService__Output {
  'serviceId': (string);
  'name': (string);
  'mode': (_skein_v1_EndpointMode__Output);
  'virtualIps': (string)[];
  'aliases': (string)[];
  'ports': (_skein_v1_PortConfig__Output)[];
  'endpoints': (_skein_v1_ViewEndpoint__Output)[];
}
