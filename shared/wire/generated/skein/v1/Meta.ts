// Original file: proto/objects.proto

import type { Long } from '@grpc/proto-loader';

export interface Meta {
  'version'?: (number | string | Long);
  'createdAtUs'?: (number | string | Long);
  'updatedAtUs'?: (number | string | Long);
}

export interface Meta__Output {
  'version': (number);
  'createdAtUs': (number);
  'updatedAtUs': (number);
}
