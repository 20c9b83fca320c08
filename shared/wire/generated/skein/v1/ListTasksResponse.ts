// Original file: proto/control.proto

import type { Task as _skein_v1_Task, Task__Output as _skein_v1_Task__Output } from '../../skein/v1/Task.ts';

export interface ListTasksResponse {
  'tasks'?: (_skein_v1_Task)[];
}

export interface ListTasksResponse__Output {
  'tasks': (_skein_v1_Task__Output)[];
}
