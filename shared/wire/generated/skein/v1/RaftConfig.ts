// Original file: proto/specs.proto

import type { Long } from '@grpc/proto-loader';

export interface RaftConfig {
  'snapshotInterval'?: (number | string | Long);
  'keepOldSnapshots'?: (number | string | Long);
  'logEntriesForSlowFollowers'?: (number | string | Long);
  'heartbeatTick'?: (number | string | Long);
  'electionTick'?: (number | string | Long);
}

export interface RaftConfig__Output {
  'snapshotInterval': (number);
  'keepOldSnapshots': (number);
  'logEntriesForSlowFollowers': (number);
  'heartbeatTick': (number);
  'electionTick': (number);
}
