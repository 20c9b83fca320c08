// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface ResourceLimits {
  'nanoCpus'?: (number | string | Long);
  'memoryBytes'?: (number | string | Long);
  'pids'?: (number | string | Long);
}

export interface ResourceLimits__Output {
  'nanoCpus': (number);
  'memoryBytes': (number);
  'pids': (number);
}
