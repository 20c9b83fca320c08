// Original file: proto/logs.proto

import type { LogOpen as _skein_v1_LogOpen, LogOpen__Output as _skein_v1_LogOpen__Output } from '../../skein/v1/LogOpen.ts';
import type { LogClose as _skein_v1_LogClose, LogClose__Output as _skein_v1_LogClose__Output } from '../../skein/v1/LogClose.ts';

export interface LogSubscription {
  'open'?: (_skein_v1_LogOpen | null);
  'close'?: (_skein_v1_LogClose | null);
  'variant'?: "open"|"close";
}

export interface LogSubscription__Output {
  'open'?: (_skein_v1_LogOpen__Output | null);
  'close'?: (_skein_v1_LogClose__Output | null);
  'variant'?: "open"|"close";
}
