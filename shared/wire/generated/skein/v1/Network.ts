// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { NetworkSpec as _skein_v1_NetworkSpec, NetworkSpec__Output as _skein_v1_NetworkSpec__Output } from '../../skein/v1/NetworkSpec.ts';
import type { Subnet as _skein_v1_Subnet, Subnet__Output as _skein_v1_Subnet__Output } from '../../skein/v1/Subnet.ts';

export interface Network {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_NetworkSpec | null);
  'vni'?: (number);
  'subnets'?: (_skein_v1_Subnet)[];
  'allocationError'?: (string);
  '_vni'?: "vni";
  '_allocationError'?: "allocationError";
}

export interface Network__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_NetworkSpec__Output | null);
  'vni'?: (number);
  'subnets': (_skein_v1_Subnet__Output)[];
  'allocationError'?: (string);
  '_vni'?: "vni";
  '_allocationError'?: "allocationError";
}
