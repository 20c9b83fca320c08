// A machine of the cluster: what its operator asked of it and what it said of itself.
import type { Annotations, Id, Meta } from './meta.ts';
import type { NodeEncryption } from './network_keys.ts';
import type { ResourceSet } from './resources.ts';

export type NodeRole = 'worker' | 'manager';
export type NodeAvailability = 'active' | 'pause' | 'drain';
export type NodeMembership = 'pending' | 'accepted';
export type NodeState = 'unknown' | 'down' | 'ready' | 'disconnected';

/** `name` is the optional label-like name of the spec, not the host name. */
export interface NodeSpec extends Annotations {
  readonly desiredRole: NodeRole;
  readonly membership: NodeMembership;
  readonly availability: NodeAvailability;
}

export interface Platform {
  /** As `uname -m` says, e.g. `x86_64`. */
  readonly architecture: string;
  readonly os: string;
}

export interface EnginePlugin {
  readonly type: string;
  readonly name: string;
}

export interface NodeDescription {
  readonly hostname: string;
  readonly platform: Platform;
  readonly resources: ResourceSet;
  readonly engine: {
    readonly version: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly plugins: readonly EnginePlugin[];
  };
  /** Root certificate of the cluster as the node holds it, PEM. */
  readonly trustRootPem: string;
}

export interface NodeStatus {
  readonly state: NodeState;
  readonly message: string;
  /** Address the node's connection came from, or the one it advertises. */
  readonly address: string;
}

export type RaftReachability = 'unknown' | 'unreachable' | 'reachable';

/** Present exactly on nodes that are members of the raft group. */
export interface ManagerStatus {
  /** Raft member id: a positive safe integer, never used twice in a cluster. */
  readonly raftId: number;
  /** `host:port` that other managers dial: a hint, peers are known by id. */
  readonly address: string;
  readonly leader: boolean;
  readonly reachability: RaftReachability;
  /** Epoch ms since which the leader has not heard of it; absent while it is reachable. */
  readonly unreachableSince?: number;
}

export interface Node {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: NodeSpec;
  /** Role that the node's current certificate carries. */
  readonly role: NodeRole;
  readonly description?: NodeDescription;
  readonly status: NodeStatus;
  readonly managerStatus?: ManagerStatus;
  /**
   * Small number, unique among live nodes, given by the allocator (1..65279): the node's inner
   * overlay address and VTEP MAC derive from it, so networks spend no address on nodes.
   */
  readonly overlayIndex?: number;
  /** Underlay address of the node's VTEP (`--data-path-addr`, else the advertised one). */
  readonly vtepAddress?: string;
  readonly certificate: NodeCertificate;
  /** Absent as long as the node has not said that its kernel can encrypt. */
  readonly encryption?: NodeEncryption;
}

/** What the CA remembers of the node's newest certificate. */
export interface NodeCertificate {
  readonly role: NodeRole;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly serial: string;
}
