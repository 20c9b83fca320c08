// Original file: proto/specs.proto


export interface NetworkAttachmentConfig {
  'target'?: (string);
  'aliases'?: (string)[];
  'driverOptions'?: ({[key: string]: string});
}

export interface NetworkAttachmentConfig__Output {
  'target': (string);
  'aliases': (string)[];
  'driverOptions': ({[key: string]: string});
}
