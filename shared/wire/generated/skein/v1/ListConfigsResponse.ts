// Original file: proto/control.proto

import type { Config as _skein_v1_Config, Config__Output as _skein_v1_Config__Output } from '../../skein/v1/Config.ts';

export interface ListConfigsResponse {
  'configs'?: (_skein_v1_Config)[];
}

export interface ListConfigsResponse__Output {
  'configs': (_skein_v1_Config__Output)[];
}
