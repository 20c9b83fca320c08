// Original file: proto/objects.proto

import type { Subnet as _skein_v1_Subnet, Subnet__Output as _skein_v1_Subnet__Output } from '../../skein/v1/Subnet.ts';
import type { ViewNode as _skein_v1_ViewNode, ViewNode__Output as _skein_v1_ViewNode__Output } from '../../skein/v1/ViewNode.ts';
import type { ViewService as _skein_v1_ViewService, ViewService__Output as _skein_v1_ViewService__Output } from '../../skein/v1/ViewService.ts';
import type { ViewEncryption as _skein_v1_ViewEncryption, ViewEncryption__Output as _skein_v1_ViewEncryption__Output } from '../../skein/v1/ViewEncryption.ts';
import type { Long } from '@grpc/proto-loader';

export interface NetworkView {
  'networkId'?: (string);
  'version'?: (number | string | Long);
  'name'?: (string);
  'vni'?: (number);
  'subnets'?: (_skein_v1_Subnet)[];
  'internal'?: (boolean);
  'ingress'?: (boolean);
  'driverOptions'?: ({[key: string]: string});
  'nodes'?: (_skein_v1_ViewNode)[];
  'services'?: (_skein_v1_ViewService)[];
  'encryption'?: (_skein_v1_ViewEncryption | null);
  '_encryption'?: "encryption";
}

export interface NetworkView__Output {
  'networkId': (string);
  'version': (number);
  'name': (string);
  'vni': (number);
  'subnets': (_skein_v1_Subnet__Output)[];
  'internal': (boolean);
  'ingress': (boolean);
  'driverOptions': ({[key: string]: string});
  'nodes': (_skein_v1_ViewNode__Output)[];
  'services': (_skein_v1_ViewService__Output)[];
  'encryption'?: (_skein_v1_ViewEncryption__Output | null);
  '_encryption'?: "encryption";
}
