// Original file: proto/control.proto

import type { Long } from '@grpc/proto-loader';

export interface ServiceStatusCounts {
  'runningTasks'?: (number | string | Long);
  'desiredTasks'?: (number | string | Long);
  'completedTasks'?: (number | string | Long);
}

export interface ServiceStatusCounts__Output {
  'runningTasks': (number);
  'desiredTasks': (number);
  'completedTasks': (number);
}
