// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { ClusterSpec as _skein_v1_ClusterSpec, ClusterSpec__Output as _skein_v1_ClusterSpec__Output } from '../../skein/v1/ClusterSpec.ts';
import type { RootCa as _skein_v1_RootCa, RootCa__Output as _skein_v1_RootCa__Output } from '../../skein/v1/RootCa.ts';
import type { RevokedNode as _skein_v1_RevokedNode, RevokedNode__Output as _skein_v1_RevokedNode__Output } from '../../skein/v1/RevokedNode.ts';
import type { NetworkKeyring as _skein_v1_NetworkKeyring, NetworkKeyring__Output as _skein_v1_NetworkKeyring__Output } from '../../skein/v1/NetworkKeyring.ts';
import type { Long } from '@grpc/proto-loader';

export interface Cluster {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_ClusterSpec | null);
  'rootCa'?: (_skein_v1_RootCa | null);
  'revoked'?: (_skein_v1_RevokedNode)[];
  'defaultAddressPool'?: (string)[];
  'subnetSize'?: (number | string | Long);
  'dataPathPort'?: (number | string | Long);
  'unlockKey'?: (string);
  'networkKeys'?: (_skein_v1_NetworkKeyring | null);
  '_networkKeys'?: "networkKeys";
}

export interface Cluster__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_ClusterSpec__Output | null);
  'rootCa': (_skein_v1_RootCa__Output | null);
  'revoked': (_skein_v1_RevokedNode__Output)[];
  'defaultAddressPool': (string)[];
  'subnetSize': (number);
  'dataPathPort': (number);
  'unlockKey': (string);
  'networkKeys'?: (_skein_v1_NetworkKeyring__Output | null);
  '_networkKeys'?: "networkKeys";
}
