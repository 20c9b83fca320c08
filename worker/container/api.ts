// What a plain container is: one that somebody asked this node for, not a task of a service. Its configuration as
// asked, what is kept of it on disk, and how it is told.
import type { LogDriver } from '../../shared/model/cluster.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { NetworkAttachment, PortConfig } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { ResourceRequirements } from '../../shared/model/resources.ts';
import type { ContainerNetwork } from '../attachment/api.ts';
import type { HostMount } from '../runtime/api.ts';
import type { HealthStatus } from '../runtime/health.ts';

/** Docker's names of when a container that has ended is started again. */
export type RestartPolicyName = 'no' | 'on-failure' | 'always' | 'unless-stopped';

export interface ContainerRestartPolicy {
  readonly name: RestartPolicyName;
  /** Of `on-failure`; 0: no limit. */
  readonly maximumRetryCount: number;
}

/** Networks of the node itself, or the cluster's. */
export type ContainerNetworking =
  | { readonly kind: 'bridge' | 'none' | 'host' }
  | { readonly kind: 'overlay'; readonly networks: readonly ContainerNetwork[] };

export interface ContainerConfig {
  readonly spec: ContainerSpec;
  readonly resources: ResourceRequirements | undefined;
  /** The first client that was attached to its input takes the input with it when it goes. */
  readonly stdinOnce: boolean;
  /** What the client that made it means to attach to; told, not acted upon. */
  readonly attach: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  readonly networking: ContainerNetworking;
  /** Host-mode; `published` 0 asks for a free one at each start. */
  readonly ports: readonly PortConfig[];
  /** The image's ports are published too, each on a free one. */
  readonly publishAll: boolean;
  readonly restart: ContainerRestartPolicy;
  /** It is removed when it has ended, with its anonymous volumes. */
  readonly autoRemove: boolean;
  readonly logDriver: LogDriver | undefined;
  /** Of `spec.mounts`, those that were asked for as `source:target[:options]`, in that form. */
  readonly binds: readonly string[];
}

/** What is kept of a container on disk besides what it wrote; no secret but those in its environment. */
export interface ContainerRecord {
  /** 64 hexadecimal digits. */
  readonly id: Id;
  /** Without a slash; unique on this node. */
  readonly name: string;
  readonly createdAt: number;
  /** `sha256:…`, held for as long as the container is there. */
  readonly imageId: string;
  readonly config: ContainerConfig;
  /** Somebody ended it: `unless-stopped` leaves it so, also when the daemon starts. */
  readonly stoppedByUser: boolean;
  /** Times that its restart policy has started it since somebody did. */
  readonly restartCount: number;
  /** Epoch ms; 0: never. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why it did not start, or why the code is not the program's own. */
  readonly error: string;
  /** What the last run was given. */
  readonly run?: ContainerRun;
}

export interface ContainerRun {
  /** As bound on this host. */
  readonly ports: readonly PortConfig[];
  /** Addresses on overlay networks. */
  readonly attachments: readonly NetworkAttachment[];
  readonly mounts: readonly HostMount[];
}

export type ContainerStatus = 'created' | 'running' | 'restarting' | 'removing' | 'exited' | 'dead';

/** A container as it is now. */
export interface ContainerView {
  readonly record: ContainerRecord;
  readonly status: ContainerStatus;
  /** 0 when it does not run. */
  readonly pid: number;
  readonly health?: HealthStatus;
}

/** How a container ended; what those who wait for it are told. */
export interface WaitResult {
  readonly exitCode: number;
  readonly error: string;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/** Ids of plain containers, so that nobody takes them for a task's. */
export function isContainerId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
