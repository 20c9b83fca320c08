// Original file: proto/specs.proto

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from '../../skein/v1/Annotations.ts';
import type { IpamOptions as _skein_v1_IpamOptions, IpamOptions__Output as _skein_v1_IpamOptions__Output } from '../../skein/v1/IpamOptions.ts';

export interface NetworkSpec {
  'annotations'?: (_skein_v1_Annotations | null);
  'driver'?: (string);
  'driverOptions'?: ({[key: string]: string});
  'ipv6'?: (boolean);
  'internal'?: (boolean);
  'attachable'?: (boolean);
  'ingress'?: (boolean);
  'ipam'?: (_skein_v1_IpamOptions | null);
}

export interface NetworkSpec__Output {
  'annotations': (_skein_v1_Annotations__Output | null);
  'driver': (string);
  'driverOptions': ({[key: string]: string});
  'ipv6': (boolean);
  'internal': (boolean);
  'attachable': (boolean);
  'ingress': (boolean);
  'ipam': (_skein_v1_IpamOptions__Output | null);
}
