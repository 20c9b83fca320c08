// Original file: proto/specs.proto

import type { LogDriver as _skein_v1_LogDriver, LogDriver__Output as _skein_v1_LogDriver__Output } from '../../skein/v1/LogDriver.ts';

export interface TaskDefaults {
  'logDriver'?: (_skein_v1_LogDriver | null);
  '_logDriver'?: "logDriver";
}

export interface TaskDefaults__Output {
  'logDriver'?: (_skein_v1_LogDriver__Output | null);
  '_logDriver'?: "logDriver";
}
