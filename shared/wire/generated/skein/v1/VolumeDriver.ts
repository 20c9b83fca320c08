// Original file: proto/specs.proto


export interface VolumeDriver {
  'name'?: (string);
  'options'?: ({[key: string]: string});
}

export interface VolumeDriver__Output {
  'name': (string);
  'options': ({[key: string]: string});
}
