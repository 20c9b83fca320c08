// Original file: proto/specs.proto

import type { MountType as _skein_v1_MountType, MountType__Output as _skein_v1_MountType__Output } from '../../skein/v1/MountType.ts';
import type { BindOptions as _skein_v1_BindOptions, BindOptions__Output as _skein_v1_BindOptions__Output } from '../../skein/v1/BindOptions.ts';
import type { VolumeOptions as _skein_v1_VolumeOptions, VolumeOptions__Output as _skein_v1_VolumeOptions__Output } from '../../skein/v1/VolumeOptions.ts';
import type { TmpfsOptions as _skein_v1_TmpfsOptions, TmpfsOptions__Output as _skein_v1_TmpfsOptions__Output } from '../../skein/v1/TmpfsOptions.ts';

export interface Mount {
  'type'?: (_skein_v1_MountType);
  'source'?: (string);
  'target'?: (string);
  'readOnly'?: (boolean);
  'consistency'?: (string);
  'bind'?: (_skein_v1_BindOptions | null);
  'volume'?: (_skein_v1_VolumeOptions | null);
  'tmpfs'?: (_skein_v1_TmpfsOptions | null);
  '_consistency'?: "consistency";
  '_bind'?: "bind";
  '_volume'?: "volume";
  '_tmpfs'?: "tmpfs";
}

export interface Mount__Output {
  'type': (_skein_v1_MountType__Output);
  'source': (string);
  'target': (string);
  'readOnly': (boolean);
  'consistency'?: (string);
  'bind'?: (_skein_v1_BindOptions__Output | null);
  'volume'?: (_skein_v1_VolumeOptions__Output | null);
  'tmpfs'?: (_skein_v1_TmpfsOptions__Output | null);
  '_consistency'?: "consistency";
  '_bind'?: "bind";
  '_volume'?: "volume";
  '_tmpfs'?: "tmpfs";
}
