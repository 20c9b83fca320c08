// Original file: proto/control.proto

import type { ListedService as _skein_v1_ListedService, ListedService__Output as _skein_v1_ListedService__Output } from '../../skein/v1/ListedService.ts';

export interface ListServicesResponse {
  'services'?: (_skein_v1_ListedService)[];
}

export interface ListServicesResponse__Output {
  'services': (_skein_v1_ListedService__Output)[];
}
