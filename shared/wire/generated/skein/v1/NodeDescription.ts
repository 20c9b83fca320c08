// Original file: proto/objects.proto

import type { Platform as _skein_v1_Platform, Platform__Output as _skein_v1_Platform__Output } from '../../skein/v1/Platform.ts';
import type { ResourceSet as _skein_v1_ResourceSet, ResourceSet__Output as _skein_v1_ResourceSet__Output } from '../../skein/v1/ResourceSet.ts';
import type { EngineDescription as _skein_v1_EngineDescription, EngineDescription__Output as _skein_v1_EngineDescription__Output } from '../../skein/v1/EngineDescription.ts';

export interface NodeDescription {
  'hostname'?: (string);
  'platform'?: (_skein_v1_Platform | null);
  'resources'?: (_skein_v1_ResourceSet | null);
  'engine'?: (_skein_v1_EngineDescription | null);
  'trustRootPem'?: (string);
}

export interface NodeDescription__Output {
  'hostname': (string);
  'platform': (_skein_v1_Platform__Output | null);
  'resources': (_skein_v1_ResourceSet__Output | null);
  'engine': (_skein_v1_EngineDescription__Output | null);
  'trustRootPem': (string);
}
