// Original file: proto/objects.proto

import type { EndpointState as _skein_v1_EndpointState, EndpointState__Output as _skein_v1_EndpointState__Output } from '../../skein/v1/EndpointState.ts';
import type { Long } from '@grpc/proto-loader';

export interface ViewEndpoint {
  'taskId'?: (string);
  'taskName'?: (string);
  'slot'?: (number | string | Long);
  'nodeId'?: (string);
  'addresses'?: (string)[];
  'state'?: (_skein_v1_EndpointState);
  'aliases'?: (string)[];
}

export interface ViewEndpoint__Output {
  'taskId': (string);
  'taskName': (string);
  'slot': (number);
  'nodeId': (string);
  'addresses': (string)[];
  'state': (_skein_v1_EndpointState__Output);
  'aliases': (string)[];
}
