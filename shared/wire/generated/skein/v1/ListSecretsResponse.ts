// Original file: proto/control.proto

import type { Secret as _skein_v1_Secret, Secret__Output as _skein_v1_Secret__Output } from '../../skein/v1/Secret.ts';

export interface ListSecretsResponse {
  'secrets'?: (_skein_v1_Secret)[];
}

export interface ListSecretsResponse__Output {
  'secrets': (_skein_v1_Secret__Output)[];
}
