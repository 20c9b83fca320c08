// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface ReplicatedMode {
  'replicas'?: (number | string | Long);
}

export interface ReplicatedMode__Output {
  'replicas': (number);
}
