// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { SecretSpec as _skein_v1_SecretSpec, SecretSpec__Output as _skein_v1_SecretSpec__Output } from '../../skein/v1/SecretSpec.ts';

export interface Secret {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_SecretSpec | null);
}

export interface Secret__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_SecretSpec__Output | null);
}
