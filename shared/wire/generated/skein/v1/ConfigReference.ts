// Original file: proto/specs.proto

import type { FileTarget as _skein_v1_FileTarget, FileTarget__Output as _skein_v1_FileTarget__Output } from '../../skein/v1/FileTarget.ts';

export interface ConfigReference {
  'configId'?: (string);
  'configName'?: (string);
  'file'?: (_skein_v1_FileTarget | null);
}

export interface ConfigReference__Output {
  'configId': (string);
  'configName': (string);
  'file': (_skein_v1_FileTarget__Output | null);
}
