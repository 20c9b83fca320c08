// Original file: proto/specs.proto


export interface LogDriver {
  'name'?: (string);
  'options'?: ({[key: string]: string});
}

export interface LogDriver__Output {
  'name': (string);
  'options': ({[key: string]: string});
}
