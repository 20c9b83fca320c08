// Original file: proto/specs.proto

import type { AppArmorMode as _skein_v1_AppArmorMode, AppArmorMode__Output as _skein_v1_AppArmorMode__Output } from '../../skein/v1/AppArmorMode.ts';

export interface AppArmorOptions {
  'mode'?: (_skein_v1_AppArmorMode);
}

export interface AppArmorOptions__Output {
  'mode': (_skein_v1_AppArmorMode__Output);
}
