// Original file: proto/specs.proto

import type { VolumeDriver as _skein_v1_VolumeDriver, VolumeDriver__Output as _skein_v1_VolumeDriver__Output } from '../../skein/v1/VolumeDriver.ts';

export interface VolumeOptions {
  'noCopy'?: (boolean);
  'labels'?: ({[key: string]: string});
  'driver'?: (_skein_v1_VolumeDriver | null);
  'subpath'?: (string);
  '_driver'?: "driver";
  '_subpath'?: "subpath";
}

export interface VolumeOptions__Output {
  'noCopy': (boolean);
  'labels': ({[key: string]: string});
  'driver'?: (_skein_v1_VolumeDriver__Output | null);
  'subpath'?: (string);
  '_driver'?: "driver";
  '_subpath'?: "subpath";
}
