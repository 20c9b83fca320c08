// Original file: proto/dispatcher.proto

import type { Long } from '@grpc/proto-loader';

export interface HeartbeatAnswer {
  'heartbeatPeriodNs'?: (number | string | Long);
}

export interface HeartbeatAnswer__Output {
  'heartbeatPeriodNs': (number);
}
