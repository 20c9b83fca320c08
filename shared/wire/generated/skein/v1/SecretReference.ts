// Original file: proto/specs.proto

import type { FileTarget as _skein_v1_FileTarget, FileTarget__Output as _skein_v1_FileTarget__Output } from '../../skein/v1/FileTarget.ts';

export interface SecretReference {
  'secretId'?: (string);
  'secretName'?: (string);
  'file'?: (_skein_v1_FileTarget | null);
}

export interface SecretReference__Output {
  'secretId': (string);
  'secretName': (string);
  'file': (_skein_v1_FileTarget__Output | null);
}
