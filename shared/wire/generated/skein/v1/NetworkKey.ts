// Original file: proto/objects.proto

import type { Long } from '@grpc/proto-loader';

export interface NetworkKey {
  'epoch'?: (number | string | Long);
  'secret'?: (Buffer | Uint8Array | string);
}

export interface NetworkKey__Output {
  'epoch': (number);
  'secret': (Buffer);
}
