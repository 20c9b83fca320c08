// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface GenericResource {
  'kind'?: (string);
  'count'?: (number | string | Long);
  'name'?: (string);
  'variant'?: "count"|"name";
}

export interface GenericResource__Output {
  'kind': (string);
  'count'?: (number);
  'name'?: (string);
  'variant'?: "count"|"name";
}
