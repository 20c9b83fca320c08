// Original file: proto/store.proto

import type { StoreTable as _skein_v1_StoreTable, StoreTable__Output as _skein_v1_StoreTable__Output } from '../../skein/v1/StoreTable.ts';

export interface RemovedObject {
  'table'?: (_skein_v1_StoreTable);
  'id'?: (string);
}

export interface RemovedObject__Output {
  'table': (_skein_v1_StoreTable__Output);
  'id': (string);
}
