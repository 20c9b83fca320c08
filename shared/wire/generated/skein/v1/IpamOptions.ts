// Original file: proto/specs.proto

import type { IpamConfig as _skein_v1_IpamConfig, IpamConfig__Output as _skein_v1_IpamConfig__Output } from '../../skein/v1/IpamConfig.ts';

export interface IpamOptions {
  'driver'?: (string);
  'options'?: ({[key: string]: string});
  'configs'?: (_skein_v1_IpamConfig)[];
}

export interface IpamOptions__Output {
  'driver': (string);
  'options': ({[key: string]: string});
  'configs': (_skein_v1_IpamConfig__Output)[];
}
