// Original file: proto/dispatcher.proto

import type { AssignmentMode as _skein_v1_AssignmentMode, AssignmentMode__Output as _skein_v1_AssignmentMode__Output } from '../../skein/v1/AssignmentMode.ts';
import type { AssignmentChange as _skein_v1_AssignmentChange, AssignmentChange__Output as _skein_v1_AssignmentChange__Output } from '../../skein/v1/AssignmentChange.ts';
import type { Long } from '@grpc/proto-loader';

export interface Assignments {
  'mode'?: (_skein_v1_AssignmentMode);
  'base'?: (number | string | Long);
  'sequence'?: (number | string | Long);
  'changes'?: (_skein_v1_AssignmentChange)[];
}

export interface Assignments__Output {
  'mode': (_skein_v1_AssignmentMode__Output);
  'base': (number);
  'sequence': (number);
  'changes': (_skein_v1_AssignmentChange__Output)[];
}
