// Original file: proto/logs.proto

import type { LogPublishOpen as _skein_v1_LogPublishOpen, LogPublishOpen__Output as _skein_v1_LogPublishOpen__Output } from '../../skein/v1/LogPublishOpen.ts';
import type { LogMessages as _skein_v1_LogMessages, LogMessages__Output as _skein_v1_LogMessages__Output } from '../../skein/v1/LogMessages.ts';
import type { LogPublishDone as _skein_v1_LogPublishDone, LogPublishDone__Output as _skein_v1_LogPublishDone__Output } from '../../skein/v1/LogPublishDone.ts';

export interface LogPublish {
  'open'?: (_skein_v1_LogPublishOpen | null);
  'messages'?: (_skein_v1_LogMessages | null);
  'done'?: (_skein_v1_LogPublishDone | null);
  'variant'?: "open"|"messages"|"done";
}

export interface LogPublish__Output {
  'open'?: (_skein_v1_LogPublishOpen__Output | null);
  'messages'?: (_skein_v1_LogMessages__Output | null);
  'done'?: (_skein_v1_LogPublishDone__Output | null);
  'variant'?: "open"|"messages"|"done";
}
