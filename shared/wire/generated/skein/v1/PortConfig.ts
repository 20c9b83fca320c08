// Original file: proto/specs.proto

import type { PortProtocol as _skein_v1_PortProtocol, PortProtocol__Output as _skein_v1_PortProtocol__Output } from '../../skein/v1/PortProtocol.ts';
import type { PublishMode as _skein_v1_PublishMode, PublishMode__Output as _skein_v1_PublishMode__Output } from '../../skein/v1/PublishMode.ts';
import type { Long } from '@grpc/proto-loader';

export interface PortConfig {
  'name'?: (string);
  'protocol'?: (_skein_v1_PortProtocol);
  'target'?: (number | string | Long);
  'published'?: (number | string | Long);
  'mode'?: (_skein_v1_PublishMode);
}

export interface PortConfig__Output {
  'name': (string);
  'protocol': (_skein_v1_PortProtocol__Output);
  'target': (number);
  'published': (number);
  'mode': (_skein_v1_PublishMode__Output);
}
