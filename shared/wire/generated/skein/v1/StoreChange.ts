// Original file: proto/store.proto

import type { StoreObject as _skein_v1_StoreObject, StoreObject__Output as _skein_v1_StoreObject__Output } from '../../skein/v1/StoreObject.ts';
import type { RemovedObject as _skein_v1_RemovedObject, RemovedObject__Output as _skein_v1_RemovedObject__Output } from '../../skein/v1/RemovedObject.ts';

export interface StoreChange {
  'create'?: (_skein_v1_StoreObject | null);
  'update'?: (_skein_v1_StoreObject | null);
  'remove'?: (_skein_v1_RemovedObject | null);
  'variant'?: "create"|"update"|"remove";
}

export interface StoreChange__Output {
  'create'?: (_skein_v1_StoreObject__Output | null);
  'update'?: (_skein_v1_StoreObject__Output | null);
  'remove'?: (_skein_v1_RemovedObject__Output | null);
  'variant'?: "create"|"update"|"remove";
}
