// Original file: proto/objects.proto

import type { Long } from '@grpc/proto-loader';

export interface RevokedNode {
  'nodeId'?: (string);
  'expiresAtUs'?: (number | string | Long);
}

export interface RevokedNode__Output {
  'nodeId': (string);
  'expiresAtUs': (number);
}
