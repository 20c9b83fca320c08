// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface Healthcheck {
  'test'?: (string)[];
  'intervalNs'?: (number | string | Long);
  'timeoutNs'?: (number | string | Long);
  'startPeriodNs'?: (number | string | Long);
  'startIntervalNs'?: (number | string | Long);
  'retries'?: (number | string | Long);
}

export interface Healthcheck__Output {
  'test': (string)[];
  'intervalNs': (number);
  'timeoutNs': (number);
  'startPeriodNs': (number);
  'startIntervalNs': (number);
  'retries': (number);
}
