// Original file: proto/logs.proto


export interface LogPublishDone {
  'error'?: (string);
}

export interface LogPublishDone__Output {
  'error': (string);
}
