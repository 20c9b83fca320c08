// Original file: proto/objects.proto

import type { NetworkKey as _skein_v1_NetworkKey, NetworkKey__Output as _skein_v1_NetworkKey__Output } from '../../skein/v1/NetworkKey.ts';
import type { Long } from '@grpc/proto-loader';

export interface NetworkKeyring {
  'keys'?: (_skein_v1_NetworkKey)[];
  'sending'?: (number | string | Long);
  'rotatedAtUs'?: (number | string | Long);
  'rotationAskedAtUs'?: (number | string | Long);
  '_rotationAskedAtUs'?: "rotationAskedAtUs";
}

export interface NetworkKeyring__Output {
  'keys': (_skein_v1_NetworkKey__Output)[];
  'sending': (number);
  'rotatedAtUs': (number);
  'rotationAskedAtUs'?: (number);
  '_rotationAskedAtUs'?: "rotationAskedAtUs";
}
