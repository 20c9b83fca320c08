// Original file: proto/control.proto


export interface FilterValues {
  'values'?: (string)[];
}

export interface FilterValues__Output {
  'values': (string)[];
}
