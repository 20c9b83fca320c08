// Original file: proto/control.proto


export interface Reference {
  'ref'?: (string);
}

export interface Reference__Output {
  'ref': (string);
}
