// Original file: proto/logs.proto

import type { LogStream as _skein_v1_LogStream, LogStream__Output as _skein_v1_LogStream__Output } from '../../skein/v1/LogStream.ts';
import type { Long } from '@grpc/proto-loader';

export interface LogMessage {
  'nodeId'?: (string);
  'serviceId'?: (string);
  'taskId'?: (string);
  'timestampMs'?: (number | string | Long);
  'nanos'?: (number);
  'stream'?: (_skein_v1_LogStream);
  'data'?: (Buffer | Uint8Array | string);
}

export interface LogMessage__Output {
  'nodeId': (string);
  'serviceId': (string);
  'taskId': (string);
  'timestampMs': (number);
  'nanos': (number);
  'stream': (_skein_v1_LogStream__Output);
  'data': (Buffer);
}
