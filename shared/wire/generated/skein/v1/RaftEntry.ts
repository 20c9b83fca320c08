// Original file: proto/raft.proto

import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { RaftConfigChange as _skein_v1_RaftConfigChange, RaftConfigChange__Output as _skein_v1_RaftConfigChange__Output } from '../../skein/v1/RaftConfigChange.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftEntry {
  'term'?: (number | string | Long);
  'index'?: (number | string | Long);
  'noop'?: (_skein_v1_Empty | null);
  'data'?: (Buffer | Uint8Array | string);
  'change'?: (_skein_v1_RaftConfigChange | null);
  'variant'?: "noop"|"data"|"change";
}

export interface RaftEntry__Output {
  'term': (number);
  'index': (number);
  'noop'?: (_skein_v1_Empty__Output | null);
  'data'?: (Buffer);
  'change'?: (_skein_v1_RaftConfigChange__Output | null);
  'variant'?: "noop"|"data"|"change";
}
