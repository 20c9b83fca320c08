// Original file: proto/control.proto

import type { NetworkSpec as _skein_v1_NetworkSpec, NetworkSpec__Output as _skein_v1_NetworkSpec__Output } from '../../skein/v1/NetworkSpec.ts';

export interface CreateNetworkRequest {
  'spec'?: (_skein_v1_NetworkSpec | null);
}

export interface CreateNetworkRequest__Output {
  'spec': (_skein_v1_NetworkSpec__Output | null);
}
