// Original file: proto/dispatcher.proto

import type { Long } from '@grpc/proto-loader';

export interface AppliedView {
  'networkId'?: (string);
  'version'?: (number | string | Long);
}

export interface AppliedView__Output {
  'networkId': (string);
  'version': (number);
}
