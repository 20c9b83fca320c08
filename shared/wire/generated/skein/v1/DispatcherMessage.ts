// Original file: proto/dispatcher.proto

import type { Registered as _skein_v1_Registered, Registered__Output as _skein_v1_Registered__Output } from '../../skein/v1/Registered.ts';
import type { HeartbeatAnswer as _skein_v1_HeartbeatAnswer, HeartbeatAnswer__Output as _skein_v1_HeartbeatAnswer__Output } from '../../skein/v1/HeartbeatAnswer.ts';
import type { SessionInfo as _skein_v1_SessionInfo, SessionInfo__Output as _skein_v1_SessionInfo__Output } from '../../skein/v1/SessionInfo.ts';
import type { Assignments as _skein_v1_Assignments, Assignments__Output as _skein_v1_Assignments__Output } from '../../skein/v1/Assignments.ts';
import type { Drained as _skein_v1_Drained, Drained__Output as _skein_v1_Drained__Output } from '../../skein/v1/Drained.ts';
import type { StatusAck as _skein_v1_StatusAck, StatusAck__Output as _skein_v1_StatusAck__Output } from '../../skein/v1/StatusAck.ts';
import type { AttachmentsRefused as _skein_v1_AttachmentsRefused, AttachmentsRefused__Output as _skein_v1_AttachmentsRefused__Output } from '../../skein/v1/AttachmentsRefused.ts';

export interface DispatcherMessage {
  'registered'?: (_skein_v1_Registered | null);
  'heartbeat'?: (_skein_v1_HeartbeatAnswer | null);
  'session'?: (_skein_v1_SessionInfo | null);
  'assignments'?: (_skein_v1_Assignments | null);
  'drained'?: (_skein_v1_Drained | null);
  'statusAck'?: (_skein_v1_StatusAck | null);
  'attachmentsRefused'?: (_skein_v1_AttachmentsRefused | null);
  'variant'?: "registered"|"heartbeat"|"session"|"assignments"|"drained"|"statusAck"|"attachmentsRefused";
}

export interface DispatcherMessage__Output {
  'registered'?: (_skein_v1_Registered__Output | null);
  'heartbeat'?: (_skein_v1_HeartbeatAnswer__Output | null);
  'session'?: (_skein_v1_SessionInfo__Output | null);
  'assignments'?: (_skein_v1_Assignments__Output | null);
  'drained'?: (_skein_v1_Drained__Output | null);
  'statusAck'?: (_skein_v1_StatusAck__Output | null);
  'attachmentsRefused'?: (_skein_v1_AttachmentsRefused__Output | null);
  'variant'?: "registered"|"heartbeat"|"session"|"assignments"|"drained"|"statusAck"|"attachmentsRefused";
}
