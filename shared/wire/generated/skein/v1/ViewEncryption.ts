// Original file: proto/objects.proto

import type { NetworkKey as _skein_v1_NetworkKey, NetworkKey__Output as _skein_v1_NetworkKey__Output } from '../../skein/v1/NetworkKey.ts';
import type { Long } from '@grpc/proto-loader';

export interface ViewEncryption {
  'keys'?: (_skein_v1_NetworkKey)[];
  'sending'?: (number | string | Long);
}

export interface ViewEncryption__Output {
  'keys': (_skein_v1_NetworkKey__Output)[];
  'sending': (number);
}
