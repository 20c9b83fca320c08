// Original file: proto/control.proto

import type { SecretSpec as _skein_v1_SecretSpec, SecretSpec__Output as _skein_v1_SecretSpec__Output } from '../../skein/v1/SecretSpec.ts';

export interface CreateSecretRequest {
  'spec'?: (_skein_v1_SecretSpec | null);
}

export interface CreateSecretRequest__Output {
  'spec': (_skein_v1_SecretSpec__Output | null);
}
