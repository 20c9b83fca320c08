// Original file: proto/dispatcher.proto

import type { AttachmentClaim as _skein_v1_AttachmentClaim, AttachmentClaim__Output as _skein_v1_AttachmentClaim__Output } from '../../skein/v1/AttachmentClaim.ts';

export interface Attachments {
  'complete'?: (boolean);
  'claims'?: (_skein_v1_AttachmentClaim)[];
  'released'?: (string)[];
}

export interface Attachments__Output {
  'complete': (boolean);
  'claims': (_skein_v1_AttachmentClaim__Output)[];
  'released': (string)[];
}
