// What `swarm init` creates: the Cluster object with a fresh root and tokens, and its first manager.
// Nothing is stored here: the caller commits both objects as the cluster's first transaction.
import type { Clock } from '../../shared/clock.ts';
import { newId } from '../../shared/ids.ts';
import type { Identity } from '../../shared/identity/identity.ts';
import { createKey, createRequest } from '../../shared/identity/keys.ts';
import { createRoot } from '../../shared/identity/signing.ts';
import { makeJoinTokens, rootDigest } from '../../shared/identity/token.ts';
import { makeUnlockKey } from '../../shared/identity/unlock_key.ts';
import type { Cluster, ClusterSpec } from '../../shared/model/cluster.ts';
import type { Node, NodeAvailability } from '../../shared/model/node.ts';
import type { ClusterSettings } from '../../shared/protocol/manager_process.ts';
import type { Random } from '../../shared/random.ts';
import { certExpiryTooShort } from './errors.ts';
import { MIN_CERTIFICATE_LIFE_MS, issueNodeCertificate } from './issue.ts';
import { joinedNode } from './joined_node.ts';

/** Swarm's defaults. */
const DEFAULT_CLUSTER_SPEC: ClusterSpec = {
  name: 'default',
  labels: {},
  orchestration: { taskHistoryRetentionLimit: 5 },
  raft: {
    snapshotInterval: 10_000,
    keepOldSnapshots: 0,
    logEntriesForSlowFollowers: 500,
    heartbeatTick: 1,
    electionTick: 10,
  },
  dispatcher: { heartbeatPeriodMs: 5_000 },
  ca: { nodeCertExpiryMs: 90 * 24 * 60 * 60_000, forceRotate: 0 },
  encryption: { autoLockManagers: false },
  taskDefaults: {},
};
const DEFAULT_ADDRESS_POOL: readonly string[] = ['10.0.0.0/8'];
const DEFAULT_SUBNET_SIZE = 24;
/** The port of VXLAN. */
const DEFAULT_DATA_PATH_PORT = 4789;

export interface CreateClusterOptions {
  /** What differs from Swarm's defaults. */
  readonly settings?: ClusterSettings;
  readonly defaultAddressPool?: readonly string[];
  readonly subnetSize?: number;
  readonly dataPathPort?: number;
  /** Of the first manager. */
  readonly availability?: NodeAvailability;
  /** What the first manager advertises, without a port. */
  readonly address: string;
}

export interface NewCluster {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly identity: Identity;
}

/** Throws `cert-expiry-too-short`. */
export async function createCluster(
  dependencies: { readonly clock: Clock; readonly random: Random },
  options: CreateClusterOptions,
): Promise<NewCluster> {
  const { clock, random } = dependencies;
  const spec = clusterSpec(options.settings ?? {});
  if (spec.ca.nodeCertExpiryMs < MIN_CERTIFICATE_LIFE_MS) {
    throw certExpiryTooShort(MIN_CERTIFICATE_LIFE_MS);
  }
  const now = clock.now();
  const root = await createRoot(now, random);
  const digest = rootDigest(root.certPem);
  const cluster: Cluster = {
    id: newId(random),
    meta: { version: 0, createdAt: 0, updatedAt: 0 },
    spec,
    rootCa: { ...root, digest, joinTokens: makeJoinTokens(digest, random) },
    revoked: [],
    defaultAddressPool: options.defaultAddressPool ?? DEFAULT_ADDRESS_POOL,
    subnetSize: options.subnetSize ?? DEFAULT_SUBNET_SIZE,
    dataPathPort: options.dataPathPort ?? DEFAULT_DATA_PATH_PORT,
    unlockKey: spec.encryption.autoLockManagers ? makeUnlockKey(random) : '',
  };
  return { cluster, ...(await firstManager(cluster, options, now, random)) };
}

/** The spec that those settings make of Swarm's defaults. */
export function clusterSpec(settings: ClusterSettings): ClusterSpec {
  const base = DEFAULT_CLUSTER_SPEC;
  return {
    ...base,
    labels: settings.labels ?? base.labels,
    orchestration: {
      taskHistoryRetentionLimit:
        settings.taskHistoryRetentionLimit ?? base.orchestration.taskHistoryRetentionLimit,
    },
    raft: {
      ...base.raft,
      snapshotInterval: settings.snapshotInterval ?? base.raft.snapshotInterval,
      keepOldSnapshots: settings.keepOldSnapshots ?? base.raft.keepOldSnapshots,
    },
    dispatcher: { heartbeatPeriodMs: settings.heartbeatPeriodMs ?? base.dispatcher.heartbeatPeriodMs },
    ca: { ...base.ca, nodeCertExpiryMs: settings.nodeCertExpiryMs ?? base.ca.nodeCertExpiryMs },
    encryption: { autoLockManagers: settings.autoLockManagers ?? base.encryption.autoLockManagers },
  };
}

/** The node and certificate of a cluster's only manager: of a new cluster, or of a restored one. */
export async function firstManager(
  cluster: Cluster,
  options: Pick<CreateClusterOptions, 'availability' | 'address'>,
  now: number,
  random: Random,
): Promise<{ readonly node: Node; readonly identity: Identity }> {
  const role = 'manager';
  const nodeId = newId(random);
  const keyPem = await createKey();
  const csrPem = await createRequest(keyPem);
  const issued = await issueNodeCertificate(cluster, { csrPem, nodeId, role, now }, random);
  const identity = {
    nodeId,
    clusterId: cluster.id,
    role,
    certificateChainPem: issued.chainPem,
    keyPem,
    rootPem: cluster.rootCa.certPem,
  } as const;
  const availability = options.availability ?? 'active';
  return { node: joinedNode(nodeId, role, availability, options.address, issued), identity };
}
