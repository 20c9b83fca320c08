// Original file: proto/dispatcher.proto

import type { NodeDescription as _skein_v1_NodeDescription, NodeDescription__Output as _skein_v1_NodeDescription__Output } from '../../skein/v1/NodeDescription.ts';

export interface Register {
  'description'?: (_skein_v1_NodeDescription | null);
  'vtepAddress'?: (string);
  'address'?: (string);
}

export interface Register__Output {
  'description': (_skein_v1_NodeDescription__Output | null);
  'vtepAddress': (string);
  'address': (string);
}
