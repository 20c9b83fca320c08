// Original file: proto/dispatcher.proto

import type { AssignmentKind as _skein_v1_AssignmentKind, AssignmentKind__Output as _skein_v1_AssignmentKind__Output } from '../../skein/v1/AssignmentKind.ts';

export interface RemovedAssignment {
  'kind'?: (_skein_v1_AssignmentKind);
  'id'?: (string);
}

export interface RemovedAssignment__Output {
  'kind': (_skein_v1_AssignmentKind__Output);
  'id': (string);
}
