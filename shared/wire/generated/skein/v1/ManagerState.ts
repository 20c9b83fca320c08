// Original file: proto/control.proto

import type { Long } from '@grpc/proto-loader';

export interface ManagerState {
  'nodeId'?: (string);
  'leader'?: (boolean);
  'leaderNodeId'?: (string);
  'leaderAddress'?: (string);
  'managers'?: (number | string | Long);
  'hasQuorum'?: (boolean);
}

export interface ManagerState__Output {
  'nodeId': (string);
  'leader': (boolean);
  'leaderNodeId': (string);
  'leaderAddress': (string);
  'managers': (number);
  'hasQuorum': (boolean);
}
