// Original file: proto/ca.proto

import type { NodeAvailability as _skein_v1_NodeAvailability, NodeAvailability__Output as _skein_v1_NodeAvailability__Output } from '../../skein/v1/NodeAvailability.ts';

export interface IssueCertificateRequest {
  'csrPem'?: (string);
  'token'?: (string);
  'availability'?: (_skein_v1_NodeAvailability);
}

export interface IssueCertificateRequest__Output {
  'csrPem': (string);
  'token': (string);
  'availability': (_skein_v1_NodeAvailability__Output);
}
