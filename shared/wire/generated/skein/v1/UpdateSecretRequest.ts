// Original file: proto/control.proto

import type { SecretSpec as _skein_v1_SecretSpec, SecretSpec__Output as _skein_v1_SecretSpec__Output } from '../../skein/v1/SecretSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateSecretRequest {
  'ref'?: (string);
  'version'?: (number | string | Long);
  'spec'?: (_skein_v1_SecretSpec | null);
}

export interface UpdateSecretRequest__Output {
  'ref': (string);
  'version': (number);
  'spec': (_skein_v1_SecretSpec__Output | null);
}
