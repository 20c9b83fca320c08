// Original file: proto/control.proto

import type { ConfigSpec as _skein_v1_ConfigSpec, ConfigSpec__Output as _skein_v1_ConfigSpec__Output } from '../../skein/v1/ConfigSpec.ts';

export interface CreateConfigRequest {
  'spec'?: (_skein_v1_ConfigSpec | null);
}

export interface CreateConfigRequest__Output {
  'spec': (_skein_v1_ConfigSpec__Output | null);
}
