// Original file: proto/objects.proto

import type { Long } from '@grpc/proto-loader';

export interface NodeEncryption {
  'incarnation'?: (string);
  'epoch'?: (number | string | Long);
}

export interface NodeEncryption__Output {
  'incarnation': (string);
  'epoch': (number);
}
