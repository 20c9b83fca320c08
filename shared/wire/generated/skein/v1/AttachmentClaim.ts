// Original file: proto/objects.proto


export interface AttachmentClaim {
  'id'?: (string);
  'containerId'?: (string);
  'containerName'?: (string);
  'target'?: (string);
  'aliases'?: (string)[];
  'addresses'?: (string)[];
}

export interface AttachmentClaim__Output {
  'id': (string);
  'containerId': (string);
  'containerName': (string);
  'target': (string);
  'aliases': (string)[];
  'addresses': (string)[];
}
