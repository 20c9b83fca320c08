// Original file: proto/specs.proto

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from '../../skein/v1/Annotations.ts';
import type { TaskSpec as _skein_v1_TaskSpec, TaskSpec__Output as _skein_v1_TaskSpec__Output } from '../../skein/v1/TaskSpec.ts';
import type { ServiceMode as _skein_v1_ServiceMode, ServiceMode__Output as _skein_v1_ServiceMode__Output } from '../../skein/v1/ServiceMode.ts';
import type { UpdateConfig as _skein_v1_UpdateConfig, UpdateConfig__Output as _skein_v1_UpdateConfig__Output } from '../../skein/v1/UpdateConfig.ts';
import type { EndpointSpec as _skein_v1_EndpointSpec, EndpointSpec__Output as _skein_v1_EndpointSpec__Output } from '../../skein/v1/EndpointSpec.ts';

export interface ServiceSpec {
  'annotations'?: (_skein_v1_Annotations | null);
  'task'?: (_skein_v1_TaskSpec | null);
  'mode'?: (_skein_v1_ServiceMode | null);
  'update'?: (_skein_v1_UpdateConfig | null);
  'rollback'?: (_skein_v1_UpdateConfig | null);
  'endpoint'?: (_skein_v1_EndpointSpec | null);
  '_update'?: "update";
  '_rollback'?: "rollback";
  '_endpoint'?: "endpoint";
}

export interface ServiceSpec__Output {
  'annotations': (_skein_v1_Annotations__Output | null);
  'task': (_skein_v1_TaskSpec__Output | null);
  'mode': (_skein_v1_ServiceMode__Output | null);
  'update'?: (_skein_v1_UpdateConfig__Output | null);
  'rollback'?: (_skein_v1_UpdateConfig__Output | null);
  'endpoint'?: (_skein_v1_EndpointSpec__Output | null);
  '_update'?: "update";
  '_rollback'?: "rollback";
  '_endpoint'?: "endpoint";
}
