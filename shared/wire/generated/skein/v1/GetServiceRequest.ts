// Original file: proto/control.proto


export interface GetServiceRequest {
  'ref'?: (string);
  'insertDefaults'?: (boolean);
}

export interface GetServiceRequest__Output {
  'ref': (string);
  'insertDefaults': (boolean);
}
