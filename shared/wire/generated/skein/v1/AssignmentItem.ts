// Original file: proto/dispatcher.proto

import type { Task as _skein_v1_Task, Task__Output as _skein_v1_Task__Output } from '../../skein/v1/Task.ts';
import type { Secret as _skein_v1_Secret, Secret__Output as _skein_v1_Secret__Output } from '../../skein/v1/Secret.ts';
import type { Config as _skein_v1_Config, Config__Output as _skein_v1_Config__Output } from '../../skein/v1/Config.ts';
import type { NetworkView as _skein_v1_NetworkView, NetworkView__Output as _skein_v1_NetworkView__Output } from '../../skein/v1/NetworkView.ts';

export interface AssignmentItem {
  'task'?: (_skein_v1_Task | null);
  'secret'?: (_skein_v1_Secret | null);
  'config'?: (_skein_v1_Config | null);
  'view'?: (_skein_v1_NetworkView | null);
  'variant'?: "task"|"secret"|"config"|"view";
}

export interface AssignmentItem__Output {
  'task'?: (_skein_v1_Task__Output | null);
  'secret'?: (_skein_v1_Secret__Output | null);
  'config'?: (_skein_v1_Config__Output | null);
  'view'?: (_skein_v1_NetworkView__Output | null);
  'variant'?: "task"|"secret"|"config"|"view";
}
