// Original file: proto/control.proto

import type { Network as _skein_v1_Network, Network__Output as _skein_v1_Network__Output } from '../../skein/v1/Network.ts';

export interface ListNetworksResponse {
  'networks'?: (_skein_v1_Network)[];
}

export interface ListNetworksResponse__Output {
  'networks': (_skein_v1_Network__Output)[];
}
