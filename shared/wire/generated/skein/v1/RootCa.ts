// Original file: proto/objects.proto

import type { JoinTokens as _skein_v1_JoinTokens, JoinTokens__Output as _skein_v1_JoinTokens__Output } from '../../skein/v1/JoinTokens.ts';

export interface RootCa {
  'certPem'?: (string);
  'keyPem'?: (string);
  'digest'?: (string);
  'joinTokens'?: (_skein_v1_JoinTokens | null);
}

export interface RootCa__Output {
  'certPem': (string);
  'keyPem': (string);
  'digest': (string);
  'joinTokens': (_skein_v1_JoinTokens__Output | null);
}
