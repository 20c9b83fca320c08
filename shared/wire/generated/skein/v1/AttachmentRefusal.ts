// Original file: proto/dispatcher.proto


export interface AttachmentRefusal {
  'claimId'?: (string);
  'code'?: (string);
  'message'?: (string);
}

export interface AttachmentRefusal__Output {
  'claimId': (string);
  'code': (string);
  'message': (string);
}
