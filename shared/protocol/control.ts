// What an operator can ask of the managers: the Engine REST API's needs, in the model's words.
import type { Cluster, ClusterSpec } from '../model/cluster.ts';
import type { Id } from '../model/meta.ts';
import type { Network, NetworkSpec } from '../model/network.ts';
import type { Node, NodeSpec } from '../model/node.ts';
import type { Config, ConfigSpec, Secret, SecretSpec } from '../model/secret.ts';
import type { Service, ServiceSpec } from '../model/service.ts';
import type { Task } from '../model/task.ts';
import type { CallContext } from './peer.ts';

/**
 * Docker's filter names and values, e.g. `{ label: ['a=b'], 'desired-state': ['running'] }`: values of one
 * name are alternatives (labels: all must hold), names must all hold. An unknown name is an `invalid` error.
 * An `id` matches by prefix, a service/node/network `name` by prefix or substring as Docker does.
 */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface ListRequest {
  readonly filters: Filters;
}

/** Full id, unambiguous name, or unambiguous id prefix, tried in that order. */
export interface Reference {
  readonly ref: string;
}

export interface ServiceStatusCounts {
  readonly runningTasks: number;
  readonly desiredTasks: number;
  readonly completedTasks: number;
}

export interface ListedService {
  readonly service: Service;
  /** Present when asked for. */
  readonly status?: ServiceStatusCounts;
}

/** One fact for `docker events`, scope swarm. */
export interface ClusterEvent {
  readonly type: 'node' | 'service' | 'network' | 'secret' | 'config';
  readonly action: 'create' | 'update' | 'remove';
  readonly actor: { readonly id: Id; readonly attributes: Readonly<Record<string, string>> };
  /** Epoch milliseconds of the commit. */
  readonly time: number;
  /** Raft index: events of one commit share it. */
  readonly index: number;
}

/**
 * Served by every manager; one that does not lead passes the call on. Mutations of a spec carry the
 * version the caller saw: a stale one is a `conflict` error "update out of sequence".
 * Secrets are returned without data, the cluster without the root's key and the unlock key.
 */
export interface ControlService {
  getCluster(context: CallContext): Promise<Cluster>;
  updateCluster(
    request: {
      readonly version: number;
      readonly spec: ClusterSpec;
      readonly rotateWorkerToken: boolean;
      readonly rotateManagerToken: boolean;
      readonly rotateUnlockKey: boolean;
    },
    context: CallContext,
  ): Promise<Cluster>;
  /** The only call that tells the unlock key; empty without autolock. */
  getUnlockKey(context: CallContext): Promise<{ readonly unlockKey: string }>;

  listNodes(request: ListRequest, context: CallContext): Promise<readonly Node[]>;
  getNode(request: Reference, context: CallContext): Promise<Node>;
  updateNode(
    request: Reference & { readonly version: number; readonly spec: NodeSpec },
    context: CallContext,
  ): Promise<Node>;
  /** Refuses a node that is up (unless forced) and a node that is a manager. */
  removeNode(request: Reference & { readonly force: boolean }, context: CallContext): Promise<void>;

  listServices(
    request: ListRequest & { readonly status: boolean },
    context: CallContext,
  ): Promise<readonly ListedService[]>;
  getService(
    request: Reference & { readonly insertDefaults: boolean },
    context: CallContext,
  ): Promise<Service>;
  createService(
    request: { readonly spec: ServiceSpec },
    context: CallContext,
  ): Promise<{ readonly service: Service; readonly warnings: readonly string[] }>;
  updateService(
    request: Reference & {
      readonly version: number;
      readonly spec: ServiceSpec;
      readonly rollback: 'none' | 'previous';
    },
    context: CallContext,
  ): Promise<{ readonly service: Service; readonly warnings: readonly string[] }>;
  removeService(request: Reference, context: CallContext): Promise<void>;

  listTasks(request: ListRequest, context: CallContext): Promise<readonly Task[]>;
  getTask(request: Reference, context: CallContext): Promise<Task>;

  listNetworks(request: ListRequest, context: CallContext): Promise<readonly Network[]>;
  getNetwork(request: Reference, context: CallContext): Promise<Network>;
  createNetwork(request: { readonly spec: NetworkSpec }, context: CallContext): Promise<Network>;
  removeNetwork(request: Reference, context: CallContext): Promise<void>;
  /** Asks for the next key of encrypted networks before its time; done once every node that takes part has it. */
  rotateNetworkKeys(context: CallContext): Promise<void>;

  listSecrets(request: ListRequest, context: CallContext): Promise<readonly Secret[]>;
  getSecret(request: Reference, context: CallContext): Promise<Secret>;
  createSecret(request: { readonly spec: SecretSpec }, context: CallContext): Promise<Secret>;
  updateSecret(
    request: Reference & { readonly version: number; readonly spec: SecretSpec },
    context: CallContext,
  ): Promise<Secret>;
  removeSecret(request: Reference, context: CallContext): Promise<void>;

  listConfigs(request: ListRequest, context: CallContext): Promise<readonly Config[]>;
  getConfig(request: Reference, context: CallContext): Promise<Config>;
  createConfig(request: { readonly spec: ConfigSpec }, context: CallContext): Promise<Config>;
  updateConfig(
    request: Reference & { readonly version: number; readonly spec: ConfigSpec },
    context: CallContext,
  ): Promise<Config>;
  removeConfig(request: Reference, context: CallContext): Promise<void>;

  /** Events committed from now on; ends at abort or when this manager can no longer tell (then reconnect). */
  watchEvents(context: CallContext): AsyncIterable<ClusterEvent>;
}

/** How this manager stands; answered by the asked manager itself, never passed on. */
export interface ManagerState {
  readonly nodeId: Id;
  readonly leader: boolean;
  readonly leaderNodeId: Id;
  readonly leaderAddress: string;
  readonly managers: number;
  readonly hasQuorum: boolean;
}

export interface ManagerService {
  getState(context: CallContext): Promise<ManagerState>;
}
