// Original file: proto/logs.proto

import type { LogSelector as _skein_v1_LogSelector, LogSelector__Output as _skein_v1_LogSelector__Output } from '../../skein/v1/LogSelector.ts';
import type { LogOptions as _skein_v1_LogOptions, LogOptions__Output as _skein_v1_LogOptions__Output } from '../../skein/v1/LogOptions.ts';

export interface LogOpen {
  'id'?: (string);
  'selector'?: (_skein_v1_LogSelector | null);
  'options'?: (_skein_v1_LogOptions | null);
}

export interface LogOpen__Output {
  'id': (string);
  'selector': (_skein_v1_LogSelector__Output | null);
  'options': (_skein_v1_LogOptions__Output | null);
}
