// What a user wants to run and how: the service's spec, and the object skein keeps of it.
import type { LogDriver } from './cluster.ts';
import type { ContainerSpec } from './container.ts';
import type { Annotations, Id, Meta } from './meta.ts';
import type { EndpointSpec, NetworkAttachmentConfig, PortConfig } from './endpoint.ts';
import type { Platform } from './node.ts';
import type { ResourceRequirements } from './resources.ts';

export type RestartCondition = 'none' | 'on-failure' | 'any';

export interface RestartPolicy {
  readonly condition: RestartCondition;
  readonly delayMs: number;
  /** 0 means no limit. */
  readonly maxAttempts: number;
  /** 0 means that all attempts count. */
  readonly windowMs: number;
}

export interface Placement {
  /** Expressions such as `node.labels.zone == east`, all of which must hold. */
  readonly constraints: readonly string[];
  readonly preferences: readonly { readonly spreadDescriptor: string }[];
  /** 0 means no limit. */
  readonly maxReplicas: number;
  /** Empty means any. */
  readonly platforms: readonly Platform[];
}

export interface TaskSpec {
  readonly container: ContainerSpec;
  readonly resources?: ResourceRequirements;
  readonly restart?: RestartPolicy;
  readonly placement?: Placement;
  readonly networks: readonly NetworkAttachmentConfig[];
  readonly logDriver?: LogDriver;
  /** Changed by `service update --force`. */
  readonly forceUpdate: number;
}

export type ServiceMode =
  | { readonly kind: 'replicated'; readonly replicas: number }
  | { readonly kind: 'global' };

export type UpdateOrder = 'stop-first' | 'start-first';

export interface UpdateConfig {
  /** 0 means all at once. */
  readonly parallelism: number;
  readonly delayMs: number;
  readonly failureAction: 'pause' | 'continue' | 'rollback';
  readonly monitorMs: number;
  readonly maxFailureRatio: number;
  readonly order: UpdateOrder;
}

export interface ServiceSpec extends Annotations {
  readonly task: TaskSpec;
  readonly mode: ServiceMode;
  readonly update?: UpdateConfig;
  readonly rollback?: UpdateConfig;
  readonly endpoint?: EndpointSpec;
}

export type UpdateState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed';

export interface UpdateStatus {
  readonly state: UpdateState;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly message: string;
}

export interface VirtualIp {
  readonly networkId: Id;
  /** CIDR, e.g. `10.0.1.2/24`. */
  readonly address: string;
}

/** What the allocator resolved of an EndpointSpec. */
export interface Endpoint {
  readonly spec: EndpointSpec;
  /** Every port with `published` filled in. */
  readonly ports: readonly PortConfig[];
  readonly virtualIps: readonly VirtualIp[];
}

export interface Service {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: ServiceSpec;
  /** Version of the spec: changes with the spec alone, unlike `meta.version`. */
  readonly specVersion: number;
  readonly previousSpec?: ServiceSpec;
  readonly previousSpecVersion?: number;
  readonly endpoint?: Endpoint;
  readonly updateStatus?: UpdateStatus;
}
