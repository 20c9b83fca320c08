// Original file: proto/specs.proto


export interface Templating {
  'name'?: (string);
}

export interface Templating__Output {
  'name': (string);
}
