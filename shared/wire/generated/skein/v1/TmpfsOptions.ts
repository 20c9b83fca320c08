// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface TmpfsOptions {
  'sizeBytes'?: (number | string | Long);
  'mode'?: (number | string | Long);
}

export interface TmpfsOptions__Output {
  'sizeBytes': (number);
  'mode': (number);
}
