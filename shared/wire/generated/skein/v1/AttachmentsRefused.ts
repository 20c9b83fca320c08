// Original file: proto/dispatcher.proto

import type { AttachmentRefusal as _skein_v1_AttachmentRefusal, AttachmentRefusal__Output as _skein_v1_AttachmentRefusal__Output } from '../../skein/v1/AttachmentRefusal.ts';

export interface AttachmentsRefused {
  'refusals'?: (_skein_v1_AttachmentRefusal)[];
}

export interface AttachmentsRefused__Output {
  'refusals': (_skein_v1_AttachmentRefusal__Output)[];
}
