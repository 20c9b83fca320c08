// Original file: proto/objects.proto

import type { TaskState as _skein_v1_TaskState, TaskState__Output as _skein_v1_TaskState__Output } from '../../skein/v1/TaskState.ts';
import type { ContainerStatus as _skein_v1_ContainerStatus, ContainerStatus__Output as _skein_v1_ContainerStatus__Output } from '../../skein/v1/ContainerStatus.ts';
import type { PortConfig as _skein_v1_PortConfig, PortConfig__Output as _skein_v1_PortConfig__Output } from '../../skein/v1/PortConfig.ts';
import type { Long } from '@grpc/proto-loader';

export interface TaskStatus {
  'state'?: (_skein_v1_TaskState);
  'timestampUs'?: (number | string | Long);
  'message'?: (string);
  'error'?: (string);
  'container'?: (_skein_v1_ContainerStatus | null);
  'ports'?: (_skein_v1_PortConfig)[];
  '_container'?: "container";
}

export interface TaskStatus__Output {
  'state': (_skein_v1_TaskState__Output);
  'timestampUs': (number);
  'message': (string);
  'error': (string);
  'container'?: (_skein_v1_ContainerStatus__Output | null);
  'ports': (_skein_v1_PortConfig__Output)[];
  '_container'?: "container";
}
