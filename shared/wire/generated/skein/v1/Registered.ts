// Original file: proto/dispatcher.proto

import type { Long } from '@grpc/proto-loader';

export interface Registered {
  'sessionId'?: (string);
  'heartbeatPeriodNs'?: (number | string | Long);
}

export interface Registered__Output {
  'sessionId': (string);
  'heartbeatPeriodNs': (number);
}
