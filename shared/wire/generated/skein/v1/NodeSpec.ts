// Original file: proto/specs.proto

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from '../../skein/v1/Annotations.ts';
import type { NodeRole as _skein_v1_NodeRole, NodeRole__Output as _skein_v1_NodeRole__Output } from '../../skein/v1/NodeRole.ts';
import type { NodeMembership as _skein_v1_NodeMembership, NodeMembership__Output as _skein_v1_NodeMembership__Output } from '../../skein/v1/NodeMembership.ts';
import type { NodeAvailability as _skein_v1_NodeAvailability, NodeAvailability__Output as _skein_v1_NodeAvailability__Output } from '../../skein/v1/NodeAvailability.ts';

export interface NodeSpec {
  'annotations'?: (_skein_v1_Annotations | null);
  'desiredRole'?: (_skein_v1_NodeRole);
  'membership'?: (_skein_v1_NodeMembership);
  'availability'?: (_skein_v1_NodeAvailability);
}

export interface NodeSpec__Output {
  'annotations': (_skein_v1_Annotations__Output | null);
  'desiredRole': (_skein_v1_NodeRole__Output);
  'membership': (_skein_v1_NodeMembership__Output);
  'availability': (_skein_v1_NodeAvailability__Output);
}
