// Original file: proto/specs.proto

import type { MountPropagation as _skein_v1_MountPropagation, MountPropagation__Output as _skein_v1_MountPropagation__Output } from '../../skein/v1/MountPropagation.ts';

export interface BindOptions {
  'propagation'?: (_skein_v1_MountPropagation);
  'nonRecursive'?: (boolean);
  'createMountpoint'?: (boolean);
  '_propagation'?: "propagation";
}

export interface BindOptions__Output {
  'propagation'?: (_skein_v1_MountPropagation__Output);
  'nonRecursive': (boolean);
  'createMountpoint': (boolean);
  '_propagation'?: "propagation";
}
