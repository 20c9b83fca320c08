// Original file: proto/objects.proto


export interface Subnet {
  'subnet'?: (string);
  'gateway'?: (string);
  'range'?: (string);
  '_range'?: "range";
}

export interface Subnet__Output {
  'subnet': (string);
  'gateway': (string);
  'range'?: (string);
  '_range'?: "range";
}
