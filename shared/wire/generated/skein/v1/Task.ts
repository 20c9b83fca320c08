// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { TaskSpec as _skein_v1_TaskSpec, TaskSpec__Output as _skein_v1_TaskSpec__Output } from '../../skein/v1/TaskSpec.ts';
import type { TaskState as _skein_v1_TaskState, TaskState__Output as _skein_v1_TaskState__Output } from '../../skein/v1/TaskState.ts';
import type { TaskStatus as _skein_v1_TaskStatus, TaskStatus__Output as _skein_v1_TaskStatus__Output } from '../../skein/v1/TaskStatus.ts';
import type { NetworkAttachment as _skein_v1_NetworkAttachment, NetworkAttachment__Output as _skein_v1_NetworkAttachment__Output } from '../../skein/v1/NetworkAttachment.ts';
import type { Endpoint as _skein_v1_Endpoint, Endpoint__Output as _skein_v1_Endpoint__Output } from '../../skein/v1/Endpoint.ts';
import type { LogDriver as _skein_v1_LogDriver, LogDriver__Output as _skein_v1_LogDriver__Output } from '../../skein/v1/LogDriver.ts';
import type { AttachmentClaim as _skein_v1_AttachmentClaim, AttachmentClaim__Output as _skein_v1_AttachmentClaim__Output } from '../../skein/v1/AttachmentClaim.ts';
import type { Long } from '@grpc/proto-loader';

export interface Task {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'name'?: (string);
  'labels'?: ({[key: string]: string});
  'serviceId'?: (string);
  'serviceName'?: (string);
  'slot'?: (number | string | Long);
  'nodeId'?: (string);
  'spec'?: (_skein_v1_TaskSpec | null);
  'specVersion'?: (number | string | Long);
  'desiredState'?: (_skein_v1_TaskState);
  'status'?: (_skein_v1_TaskStatus | null);
  'networks'?: (_skein_v1_NetworkAttachment)[];
  'endpoint'?: (_skein_v1_Endpoint | null);
  'logDriver'?: (_skein_v1_LogDriver | null);
  'attachment'?: (_skein_v1_AttachmentClaim | null);
  '_endpoint'?: "endpoint";
  '_logDriver'?: "logDriver";
  '_attachment'?: "attachment";
}

export interface Task__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'name': (string);
  'labels': ({[key: string]: string});
  'serviceId': (string);
  'serviceName': (string);
  'slot': (number);
  'nodeId': (string);
  'spec': (_skein_v1_TaskSpec__Output | null);
  'specVersion': (number);
  'desiredState': (_skein_v1_TaskState__Output);
  'status': (_skein_v1_TaskStatus__Output | null);
  'networks': (_skein_v1_NetworkAttachment__Output)[];
  'endpoint'?: (_skein_v1_Endpoint__Output | null);
  'logDriver'?: (_skein_v1_LogDriver__Output | null);
  'attachment'?: (_skein_v1_AttachmentClaim__Output | null);
  '_endpoint'?: "endpoint";
  '_logDriver'?: "logDriver";
  '_attachment'?: "attachment";
}
