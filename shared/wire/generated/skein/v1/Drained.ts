// Original file: proto/dispatcher.proto


export interface Drained {
  'taskIds'?: (string)[];
}

export interface Drained__Output {
  'taskIds': (string)[];
}
