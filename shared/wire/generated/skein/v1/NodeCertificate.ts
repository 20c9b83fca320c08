// Original file: proto/objects.proto

import type { NodeRole as _skein_v1_NodeRole, NodeRole__Output as _skein_v1_NodeRole__Output } from '../../skein/v1/NodeRole.ts';
import type { Long } from '@grpc/proto-loader';

export interface NodeCertificate {
  'role'?: (_skein_v1_NodeRole);
  'issuedAtUs'?: (number | string | Long);
  'expiresAtUs'?: (number | string | Long);
  'serial'?: (string);
}

export interface NodeCertificate__Output {
  'role': (_skein_v1_NodeRole__Output);
  'issuedAtUs': (number);
  'expiresAtUs': (number);
  'serial': (string);
}
