// Original file: proto/dispatcher.proto

import type { Register as _skein_v1_Register, Register__Output as _skein_v1_Register__Output } from '../../skein/v1/Register.ts';
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { Describe as _skein_v1_Describe, Describe__Output as _skein_v1_Describe__Output } from '../../skein/v1/Describe.ts';
import type { StatusReport as _skein_v1_StatusReport, StatusReport__Output as _skein_v1_StatusReport__Output } from '../../skein/v1/StatusReport.ts';
import type { ViewsApplied as _skein_v1_ViewsApplied, ViewsApplied__Output as _skein_v1_ViewsApplied__Output } from '../../skein/v1/ViewsApplied.ts';
import type { NodeEncryption as _skein_v1_NodeEncryption, NodeEncryption__Output as _skein_v1_NodeEncryption__Output } from '../../skein/v1/NodeEncryption.ts';
import type { Attachments as _skein_v1_Attachments, Attachments__Output as _skein_v1_Attachments__Output } from '../../skein/v1/Attachments.ts';

export interface AgentMessage {
  'register'?: (_skein_v1_Register | null);
  'heartbeat'?: (_skein_v1_Empty | null);
  'describe'?: (_skein_v1_Describe | null);
  'status'?: (_skein_v1_StatusReport | null);
  'viewsApplied'?: (_skein_v1_ViewsApplied | null);
  'resync'?: (_skein_v1_Empty | null);
  'leaving'?: (_skein_v1_Empty | null);
  'encryption'?: (_skein_v1_NodeEncryption | null);
  'farewell'?: (_skein_v1_Empty | null);
  'attachments'?: (_skein_v1_Attachments | null);
  'variant'?: "register"|"heartbeat"|"describe"|"status"|"viewsApplied"|"resync"|"leaving"|"encryption"|"farewell"|"attachments";
}

export interface AgentMessage__Output {
  'register'?: (_skein_v1_Register__Output | null);
  'heartbeat'?: (_skein_v1_Empty__Output | null);
  'describe'?: (_skein_v1_Describe__Output | null);
  'status'?: (_skein_v1_StatusReport__Output | null);
  'viewsApplied'?: (_skein_v1_ViewsApplied__Output | null);
  'resync'?: (_skein_v1_Empty__Output | null);
  'leaving'?: (_skein_v1_Empty__Output | null);
  'encryption'?: (_skein_v1_NodeEncryption__Output | null);
  'farewell'?: (_skein_v1_Empty__Output | null);
  'attachments'?: (_skein_v1_Attachments__Output | null);
  'variant'?: "register"|"heartbeat"|"describe"|"status"|"viewsApplied"|"resync"|"leaving"|"encryption"|"farewell"|"attachments";
}
