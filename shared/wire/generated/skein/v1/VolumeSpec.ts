// Original file: proto/specs.proto

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from '../../skein/v1/Annotations.ts';

export interface VolumeSpec {
  'annotations'?: (_skein_v1_Annotations | null);
  'driver'?: (string);
}

export interface VolumeSpec__Output {
  'annotations': (_skein_v1_Annotations__Output | null);
  'driver': (string);
}
