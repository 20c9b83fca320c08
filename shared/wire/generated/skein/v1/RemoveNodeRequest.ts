// Original file: proto/control.proto


export interface RemoveNodeRequest {
  'ref'?: (string);
  'force'?: (boolean);
}

export interface RemoveNodeRequest__Output {
  'ref': (string);
  'force': (boolean);
}
