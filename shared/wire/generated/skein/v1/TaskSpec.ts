// Original file: proto/specs.proto

import type { ContainerSpec as _skein_v1_ContainerSpec, ContainerSpec__Output as _skein_v1_ContainerSpec__Output } from '../../skein/v1/ContainerSpec.ts';
import type { ResourceRequirements as _skein_v1_ResourceRequirements, ResourceRequirements__Output as _skein_v1_ResourceRequirements__Output } from '../../skein/v1/ResourceRequirements.ts';
import type { RestartPolicy as _skein_v1_RestartPolicy, RestartPolicy__Output as _skein_v1_RestartPolicy__Output } from '../../skein/v1/RestartPolicy.ts';
import type { Placement as _skein_v1_Placement, Placement__Output as _skein_v1_Placement__Output } from '../../skein/v1/Placement.ts';
import type { NetworkAttachmentConfig as _skein_v1_NetworkAttachmentConfig, NetworkAttachmentConfig__Output as _skein_v1_NetworkAttachmentConfig__Output } from '../../skein/v1/NetworkAttachmentConfig.ts';
import type { LogDriver as _skein_v1_LogDriver, LogDriver__Output as _skein_v1_LogDriver__Output } from '../../skein/v1/LogDriver.ts';
import type { Long } from '@grpc/proto-loader';

export interface TaskSpec {
  'container'?: (_skein_v1_ContainerSpec | null);
  'resources'?: (_skein_v1_ResourceRequirements | null);
  'restart'?: (_skein_v1_RestartPolicy | null);
  'placement'?: (_skein_v1_Placement | null);
  'networks'?: (_skein_v1_NetworkAttachmentConfig)[];
  'logDriver'?: (_skein_v1_LogDriver | null);
  'forceUpdate'?: (number | string | Long);
  '_resources'?: "resources";
  '_restart'?: "restart";
  '_placement'?: "placement";
  '_logDriver'?: "logDriver";
}

export interface TaskSpec__Output {
  'container': (_skein_v1_ContainerSpec__Output | null);
  'resources'?: (_skein_v1_ResourceRequirements__Output | null);
  'restart'?: (_skein_v1_RestartPolicy__Output | null);
  'placement'?: (_skein_v1_Placement__Output | null);
  'networks': (_skein_v1_NetworkAttachmentConfig__Output)[];
  'logDriver'?: (_skein_v1_LogDriver__Output | null);
  'forceUpdate': (number);
  '_resources'?: "resources";
  '_restart'?: "restart";
  '_placement'?: "placement";
  '_logDriver'?: "logDriver";
}
