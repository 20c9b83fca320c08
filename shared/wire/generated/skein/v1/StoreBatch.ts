// Original file: proto/store.proto

import type { StoreChange as _skein_v1_StoreChange, StoreChange__Output as _skein_v1_StoreChange__Output } from '../../skein/v1/StoreChange.ts';
import type { Long } from '@grpc/proto-loader';

export interface StoreBatch {
  'timestampUs'?: (number | string | Long);
  'changes'?: (_skein_v1_StoreChange)[];
}

export interface StoreBatch__Output {
  'timestampUs': (number);
  'changes': (_skein_v1_StoreChange__Output)[];
}
