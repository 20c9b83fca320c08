// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface CaConfig {
  'nodeCertExpiryNs'?: (number | string | Long);
  'forceRotate'?: (number | string | Long);
}

export interface CaConfig__Output {
  'nodeCertExpiryNs': (number);
  'forceRotate': (number);
}
