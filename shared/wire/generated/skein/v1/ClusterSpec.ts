// Original file: proto/specs.proto

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from '../../skein/v1/Annotations.ts';
import type { OrchestrationConfig as _skein_v1_OrchestrationConfig, OrchestrationConfig__Output as _skein_v1_OrchestrationConfig__Output } from '../../skein/v1/OrchestrationConfig.ts';
import type { RaftConfig as _skein_v1_RaftConfig, RaftConfig__Output as _skein_v1_RaftConfig__Output } from '../../skein/v1/RaftConfig.ts';
import type { DispatcherConfig as _skein_v1_DispatcherConfig, DispatcherConfig__Output as _skein_v1_DispatcherConfig__Output } from '../../skein/v1/DispatcherConfig.ts';
import type { CaConfig as _skein_v1_CaConfig, CaConfig__Output as _skein_v1_CaConfig__Output } from '../../skein/v1/CaConfig.ts';
import type { EncryptionConfig as _skein_v1_EncryptionConfig, EncryptionConfig__Output as _skein_v1_EncryptionConfig__Output } from '../../skein/v1/EncryptionConfig.ts';
import type { TaskDefaults as _skein_v1_TaskDefaults, TaskDefaults__Output as _skein_v1_TaskDefaults__Output } from '../../skein/v1/TaskDefaults.ts';

export interface ClusterSpec {
  'annotations'?: (_skein_v1_Annotations | null);
  'orchestration'?: (_skein_v1_OrchestrationConfig | null);
  'raft'?: (_skein_v1_RaftConfig | null);
  'dispatcher'?: (_skein_v1_DispatcherConfig | null);
  'ca'?: (_skein_v1_CaConfig | null);
  'encryption'?: (_skein_v1_EncryptionConfig | null);
  'taskDefaults'?: (_skein_v1_TaskDefaults | null);
}

export interface ClusterSpec__Output {
  'annotations': (_skein_v1_Annotations__Output | null);
  'orchestration': (_skein_v1_OrchestrationConfig__Output | null);
  'raft': (_skein_v1_RaftConfig__Output | null);
  'dispatcher': (_skein_v1_DispatcherConfig__Output | null);
  'ca': (_skein_v1_CaConfig__Output | null);
  'encryption': (_skein_v1_EncryptionConfig__Output | null);
  'taskDefaults': (_skein_v1_TaskDefaults__Output | null);
}
