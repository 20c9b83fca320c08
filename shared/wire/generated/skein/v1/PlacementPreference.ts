// Original file: proto/specs.proto


export interface PlacementPreference {
  'spreadDescriptor'?: (string);
}

export interface PlacementPreference__Output {
  'spreadDescriptor': (string);
}
