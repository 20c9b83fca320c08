// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface FileTarget {
  'name'?: (string);
  'uid'?: (string);
  'gid'?: (string);
  'mode'?: (number | string | Long);
}

export interface FileTarget__Output {
  'name': (string);
  'uid': (string);
  'gid': (string);
  'mode': (number);
}
