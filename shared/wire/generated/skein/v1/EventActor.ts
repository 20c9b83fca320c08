// Original file: proto/control.proto


export interface EventActor {
  'id'?: (string);
  'attributes'?: ({[key: string]: string});
}

export interface EventActor__Output {
  'id': (string);
  'attributes': ({[key: string]: string});
}
