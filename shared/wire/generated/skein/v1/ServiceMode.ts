// Original file: proto/specs.proto

import type { ReplicatedMode as _skein_v1_ReplicatedMode, ReplicatedMode__Output as _skein_v1_ReplicatedMode__Output } from '../../skein/v1/ReplicatedMode.ts';
import type { GlobalMode as _skein_v1_GlobalMode, GlobalMode__Output as _skein_v1_GlobalMode__Output } from '../../skein/v1/GlobalMode.ts';

export interface ServiceMode {
  'replicated'?: (_skein_v1_ReplicatedMode | null);
  'global'?: (_skein_v1_GlobalMode | null);
  'variant'?: "replicated"|"global";
}

export interface ServiceMode__Output {
  'replicated'?: (_skein_v1_ReplicatedMode__Output | null);
  'global'?: (_skein_v1_GlobalMode__Output | null);
  'variant'?: "replicated"|"global";
}
