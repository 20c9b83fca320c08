// Original file: proto/specs.proto


export interface DnsConfig {
  'nameservers'?: (string)[];
  'search'?: (string)[];
  'options'?: (string)[];
}

export interface DnsConfig__Output {
  'nameservers': (string)[];
  'search': (string)[];
  'options': (string)[];
}
