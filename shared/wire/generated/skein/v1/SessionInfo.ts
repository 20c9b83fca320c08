// Original file: proto/dispatcher.proto

import type { ManagerPeer as _skein_v1_ManagerPeer, ManagerPeer__Output as _skein_v1_ManagerPeer__Output } from '../../skein/v1/ManagerPeer.ts';
import type { NodeRole as _skein_v1_NodeRole, NodeRole__Output as _skein_v1_NodeRole__Output } from '../../skein/v1/NodeRole.ts';
import type { NodeAvailability as _skein_v1_NodeAvailability, NodeAvailability__Output as _skein_v1_NodeAvailability__Output } from '../../skein/v1/NodeAvailability.ts';
import type { Long } from '@grpc/proto-loader';

export interface SessionInfo {
  'managers'?: (_skein_v1_ManagerPeer)[];
  'desiredRole'?: (_skein_v1_NodeRole);
  'availability'?: (_skein_v1_NodeAvailability);
  'overlayIndex'?: (number);
  'dataPathPort'?: (number | string | Long);
  'rootCertPem'?: (string);
}

export interface SessionInfo__Output {
  'managers': (_skein_v1_ManagerPeer__Output)[];
  'desiredRole': (_skein_v1_NodeRole__Output);
  'availability': (_skein_v1_NodeAvailability__Output);
  'overlayIndex': (number);
  'dataPathPort': (number);
  'rootCertPem': (string);
}
