// Original file: proto/specs.proto

import type { PlacementPreference as _skein_v1_PlacementPreference, PlacementPreference__Output as _skein_v1_PlacementPreference__Output } from '../../skein/v1/PlacementPreference.ts';
import type { Platform as _skein_v1_Platform, Platform__Output as _skein_v1_Platform__Output } from '../../skein/v1/Platform.ts';
import type { Long } from '@grpc/proto-loader';

export interface Placement {
  'constraints'?: (string)[];
  'preferences'?: (_skein_v1_PlacementPreference)[];
  'maxReplicas'?: (number | string | Long);
  'platforms'?: (_skein_v1_Platform)[];
}

export interface Placement__Output {
  'constraints': (string)[];
  'preferences': (_skein_v1_PlacementPreference__Output)[];
  'maxReplicas': (number);
  'platforms': (_skein_v1_Platform__Output)[];
}
