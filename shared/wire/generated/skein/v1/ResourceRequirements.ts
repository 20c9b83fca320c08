// Original file: proto/specs.proto

import type { ResourceLimits as _skein_v1_ResourceLimits, ResourceLimits__Output as _skein_v1_ResourceLimits__Output } from '../../skein/v1/ResourceLimits.ts';
import type { ResourceSet as _skein_v1_ResourceSet, ResourceSet__Output as _skein_v1_ResourceSet__Output } from '../../skein/v1/ResourceSet.ts';

export interface ResourceRequirements {
  'limits'?: (_skein_v1_ResourceLimits | null);
  'reservations'?: (_skein_v1_ResourceSet | null);
}

export interface ResourceRequirements__Output {
  'limits': (_skein_v1_ResourceLimits__Output | null);
  'reservations': (_skein_v1_ResourceSet__Output | null);
}
