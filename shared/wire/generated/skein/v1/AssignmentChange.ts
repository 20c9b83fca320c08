// Original file: proto/dispatcher.proto

import type { AssignmentItem as _skein_v1_AssignmentItem, AssignmentItem__Output as _skein_v1_AssignmentItem__Output } from '../../skein/v1/AssignmentItem.ts';
import type { RemovedAssignment as _skein_v1_RemovedAssignment, RemovedAssignment__Output as _skein_v1_RemovedAssignment__Output } from '../../skein/v1/RemovedAssignment.ts';

export interface AssignmentChange {
  'update'?: (_skein_v1_AssignmentItem | null);
  'remove'?: (_skein_v1_RemovedAssignment | null);
  'variant'?: "update"|"remove";
}

export interface AssignmentChange__Output {
  'update'?: (_skein_v1_AssignmentItem__Output | null);
  'remove'?: (_skein_v1_RemovedAssignment__Output | null);
  'variant'?: "update"|"remove";
}
