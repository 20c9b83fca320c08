// Original file: proto/logs.proto


export interface LogClose {
  'id'?: (string);
}

export interface LogClose__Output {
  'id': (string);
}
