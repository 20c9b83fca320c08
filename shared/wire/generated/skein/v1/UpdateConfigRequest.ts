// Original file: proto/control.proto

import type { ConfigSpec as _skein_v1_ConfigSpec, ConfigSpec__Output as _skein_v1_ConfigSpec__Output } from '../../skein/v1/ConfigSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateConfigRequest {
  'ref'?: (string);
  'version'?: (number | string | Long);
  'spec'?: (_skein_v1_ConfigSpec | null);
}

export interface UpdateConfigRequest__Output {
  'ref': (string);
  'version': (number);
  'spec': (_skein_v1_ConfigSpec__Output | null);
}
