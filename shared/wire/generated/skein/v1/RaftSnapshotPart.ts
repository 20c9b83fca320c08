// Original file: proto/raft.proto

import type { RaftBatch as _skein_v1_RaftBatch, RaftBatch__Output as _skein_v1_RaftBatch__Output } from '../../skein/v1/RaftBatch.ts';

export interface RaftSnapshotPart {
  'opening'?: (_skein_v1_RaftBatch | null);
  'chunk'?: (Buffer | Uint8Array | string);
  'variant'?: "opening"|"chunk";
}

export interface RaftSnapshotPart__Output {
  'opening'?: (_skein_v1_RaftBatch__Output | null);
  'chunk'?: (Buffer);
  'variant'?: "opening"|"chunk";
}
