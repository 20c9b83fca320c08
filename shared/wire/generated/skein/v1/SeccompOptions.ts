// Original file: proto/specs.proto

import type { SeccompMode as _skein_v1_SeccompMode, SeccompMode__Output as _skein_v1_SeccompMode__Output } from '../../skein/v1/SeccompMode.ts';

export interface SeccompOptions {
  'mode'?: (_skein_v1_SeccompMode);
  'profileJson'?: (string);
  '_profileJson'?: "profileJson";
}

export interface SeccompOptions__Output {
  'mode': (_skein_v1_SeccompMode__Output);
  'profileJson'?: (string);
  '_profileJson'?: "profileJson";
}
