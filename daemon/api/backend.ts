// What the Engine REST face needs of the daemon behind it. The face translates; it decides nothing.
import type { Id } from '../../shared/model/meta.ts';
import type { NodeAvailability, NodeDescription } from '../../shared/model/node.ts';
import type { BackupService } from '../../shared/protocol/backup.ts';
import type { ControlService, ManagerState } from '../../shared/protocol/control.ts';
import type { LogService } from '../../shared/protocol/logs.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { NetworkReport } from '../../worker/network/api.ts';
import type { Containers } from '../../worker/container/containers.ts';
import type { ImageStore } from '../../worker/image/api.ts';
import type { TaskContainers } from '../task_containers.ts';

/** As `docker info` tells it: `Swarm.LocalNodeState`. */
export type LocalNodeState = 'inactive' | 'pending' | 'active' | 'error' | 'locked';

export interface LocalNode {
  readonly state: LocalNodeState;
  /** Empty when inactive. */
  readonly nodeId: Id;
  readonly nodeAddress: string;
  readonly clusterId: Id;
  /** True on a manager whose manager process answers. */
  readonly controlAvailable: boolean;
  /** Why the state is `error`, or what a pending node waits for. */
  readonly error: string;
  readonly remoteManagers: readonly ManagerPeer[];
}

export interface InitRequest {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly dataPathAddr: string;
  /** 0 for the daemon's default. */
  readonly dataPathPort: number;
  readonly defaultAddressPool: readonly string[];
  /** 0 for the default of 24. */
  readonly subnetSize: number;
  readonly forceNewCluster: boolean;
  readonly availability: NodeAvailability;
  /** What `swarm init` may set of the cluster's spec; absent means default. */
  readonly spec: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly taskHistoryRetentionLimit?: number;
    readonly snapshotInterval?: number;
    readonly keepOldSnapshots?: number;
    readonly heartbeatPeriodMs?: number;
    readonly nodeCertExpiryMs?: number;
    readonly autoLockManagers?: boolean;
  };
}

/** A backup's sealed file that is on this machine, and what opens it. */
export interface RestoreRequest {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly dataPathAddr: string;
  readonly file: string;
  readonly secret: { readonly kind: 'passphrase' | 'unlock-key'; readonly text: string };
}

export interface JoinRequest {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly dataPathAddr: string;
  readonly remoteAddrs: readonly string[];
  readonly joinToken: string;
  readonly availability: NodeAvailability;
}

/** The node's life in the cluster: errors are SkeinErrors with Docker's wording. */
export interface NodeBackend {
  status(): LocalNode;
  init(request: InitRequest): Promise<Id>;
  join(request: JoinRequest): Promise<void>;
  /** Makes the swarm of a backup run on this node, which is in none. */
  restore(request: RestoreRequest): Promise<Id>;
  leave(request: { readonly force: boolean }): Promise<void>;
  /** Opens a locked manager. @throws SkeinError `unlock-key-wrong`, `unlock-key-malformed`, `not-locked` */
  unlock(unlockKey: string): Promise<void>;
  /** The managers' control service. @throws SkeinError `not-a-manager` (unavailable), `not-in-swarm`, `locked` */
  control(): ControlService;
  logs(): LogService;
  backup(): BackupService;
  managerState(): Promise<ManagerState>;
  /** This node's networks, plan against kernel. @throws SkeinError `not-in-swarm` */
  checkNetworks(): Promise<readonly NetworkReport[]>;
}

export interface HostFacts {
  readonly description: NodeDescription;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly cgroupVersion: '1' | '2';
  readonly runtime: string;
  readonly root: string;
  readonly storageDriver: string;
  /** `IPVS` or `nftables`, and what the kernel lacks, a line each. */
  readonly balancer: string;
  readonly warnings: readonly string[];
}

export interface ContainerCounts {
  readonly running: number;
  readonly paused: number;
  readonly stopped: number;
}

export interface Backend {
  readonly node: NodeBackend;
  readonly images: ImageStore;
  readonly daemonId: Id;
  readonly version: string;
  readonly startedAt: number;
  readonly insecureRegistries: readonly string[];
  host(): HostFacts;
  readonly containers: Containers;
  readonly taskContainers: TaskContainers;
  containerCounts(): ContainerCounts;
}
