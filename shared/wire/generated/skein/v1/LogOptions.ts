// Original file: proto/logs.proto

import type { Long } from '@grpc/proto-loader';

export interface LogOptions {
  'follow'?: (boolean);
  'stdout'?: (boolean);
  'stderr'?: (boolean);
  'tail'?: (number | string | Long);
  'sinceUs'?: (number | string | Long);
  'untilUs'?: (number | string | Long);
}

export interface LogOptions__Output {
  'follow': (boolean);
  'stdout': (boolean);
  'stderr': (boolean);
  'tail': (number);
  'sinceUs': (number);
  'untilUs': (number);
}
