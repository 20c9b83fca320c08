// Original file: proto/logs.proto

import type { LogMessage as _skein_v1_LogMessage, LogMessage__Output as _skein_v1_LogMessage__Output } from '../../skein/v1/LogMessage.ts';

export interface LogMessages {
  'messages'?: (_skein_v1_LogMessage)[];
}

export interface LogMessages__Output {
  'messages': (_skein_v1_LogMessage__Output)[];
}
