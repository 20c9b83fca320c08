// Original file: proto/objects.proto


export interface EnginePlugin {
  'type'?: (string);
  'name'?: (string);
}

export interface EnginePlugin__Output {
  'type': (string);
  'name': (string);
}
