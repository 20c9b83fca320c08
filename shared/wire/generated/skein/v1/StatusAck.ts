// Original file: proto/dispatcher.proto

import type { Long } from '@grpc/proto-loader';

export interface StatusAck {
  'sequence'?: (number | string | Long);
}

export interface StatusAck__Output {
  'sequence': (number);
}
