// Original file: proto/dispatcher.proto

import type { TaskStatus as _skein_v1_TaskStatus, TaskStatus__Output as _skein_v1_TaskStatus__Output } from '../../skein/v1/TaskStatus.ts';

export interface StatusUpdate {
  'taskId'?: (string);
  'status'?: (_skein_v1_TaskStatus | null);
}

export interface StatusUpdate__Output {
  'taskId': (string);
  'status': (_skein_v1_TaskStatus__Output | null);
}
