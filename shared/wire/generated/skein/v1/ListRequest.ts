// Original file: proto/control.proto

import type { FilterValues as _skein_v1_FilterValues, FilterValues__Output as _skein_v1_FilterValues__Output } from '../../skein/v1/FilterValues.ts';

export interface ListRequest {
  'filters'?: ({[key: string]: _skein_v1_FilterValues});
}

export interface ListRequest__Output {
  'filters': ({[key: string]: _skein_v1_FilterValues__Output});
}
