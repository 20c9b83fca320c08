// Original file: proto/specs.proto

import type { SeccompOptions as _skein_v1_SeccompOptions, SeccompOptions__Output as _skein_v1_SeccompOptions__Output } from '../../skein/v1/SeccompOptions.ts';
import type { AppArmorOptions as _skein_v1_AppArmorOptions, AppArmorOptions__Output as _skein_v1_AppArmorOptions__Output } from '../../skein/v1/AppArmorOptions.ts';

export interface Privileges {
  'noNewPrivileges'?: (boolean);
  'seccomp'?: (_skein_v1_SeccompOptions | null);
  'appArmor'?: (_skein_v1_AppArmorOptions | null);
  '_noNewPrivileges'?: "noNewPrivileges";
  '_seccomp'?: "seccomp";
  '_appArmor'?: "appArmor";
}

export interface Privileges__Output {
  'noNewPrivileges'?: (boolean);
  'seccomp'?: (_skein_v1_SeccompOptions__Output | null);
  'appArmor'?: (_skein_v1_AppArmorOptions__Output | null);
  '_noNewPrivileges'?: "noNewPrivileges";
  '_seccomp'?: "seccomp";
  '_appArmor'?: "appArmor";
}
