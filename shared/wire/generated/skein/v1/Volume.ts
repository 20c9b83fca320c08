// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { VolumeSpec as _skein_v1_VolumeSpec, VolumeSpec__Output as _skein_v1_VolumeSpec__Output } from '../../skein/v1/VolumeSpec.ts';

export interface Volume {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_VolumeSpec | null);
}

export interface Volume__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_VolumeSpec__Output | null);
}
