// Original file: proto/control.proto

import type { Service as _skein_v1_Service, Service__Output as _skein_v1_Service__Output } from '../../skein/v1/Service.ts';

export interface ServiceResponse {
  'service'?: (_skein_v1_Service | null);
  'warnings'?: (string)[];
}

export interface ServiceResponse__Output {
  'service': (_skein_v1_Service__Output | null);
  'warnings': (string)[];
}
