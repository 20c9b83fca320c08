// Original file: proto/ca.proto

import type { NodeRole as _skein_v1_NodeRole, NodeRole__Output as _skein_v1_NodeRole__Output } from '../../skein/v1/NodeRole.ts';

export interface IssueCertificateResponse {
  'nodeId'?: (string);
  'role'?: (_skein_v1_NodeRole);
  'certificateChainPem'?: (string);
  'rootCertPem'?: (string);
}

export interface IssueCertificateResponse__Output {
  'nodeId': (string);
  'role': (_skein_v1_NodeRole__Output);
  'certificateChainPem': (string);
  'rootCertPem': (string);
}
