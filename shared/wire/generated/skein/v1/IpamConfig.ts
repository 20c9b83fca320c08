// Original file: proto/specs.proto


export interface IpamConfig {
  'subnet'?: (string);
  'range'?: (string);
  'gateway'?: (string);
  'auxAddresses'?: ({[key: string]: string});
  '_subnet'?: "subnet";
  '_range'?: "range";
  '_gateway'?: "gateway";
}

export interface IpamConfig__Output {
  'subnet'?: (string);
  'range'?: (string);
  'gateway'?: (string);
  'auxAddresses': ({[key: string]: string});
  '_subnet'?: "subnet";
  '_range'?: "range";
  '_gateway'?: "gateway";
}
