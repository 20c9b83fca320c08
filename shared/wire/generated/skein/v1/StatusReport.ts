// Original file: proto/dispatcher.proto

import type { StatusUpdate as _skein_v1_StatusUpdate, StatusUpdate__Output as _skein_v1_StatusUpdate__Output } from '../../skein/v1/StatusUpdate.ts';
import type { Long } from '@grpc/proto-loader';

export interface StatusReport {
  'sequence'?: (number | string | Long);
  'updates'?: (_skein_v1_StatusUpdate)[];
}

export interface StatusReport__Output {
  'sequence': (number);
  'updates': (_skein_v1_StatusUpdate__Output)[];
}
