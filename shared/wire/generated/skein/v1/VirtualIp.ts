// Original file: proto/objects.proto


export interface VirtualIp {
  'networkId'?: (string);
  'address'?: (string);
}

export interface VirtualIp__Output {
  'networkId': (string);
  'address': (string);
}
