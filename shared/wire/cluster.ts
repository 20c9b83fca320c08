// Codec of the cluster object: its settings, root certificate and join tokens.
import type { Cluster, ClusterSpec, RootCa } from '../model/cluster.ts';
import {
  decodeDuration,
  decodeTime,
  encodeDuration,
  encodeTime,
  integer,
  nonEmpty,
  required,
} from './fields.ts';
import type { Cluster__Output } from './generated/skein/v1/Cluster.ts';
import type { ClusterSpec__Output } from './generated/skein/v1/ClusterSpec.ts';
import type { RaftConfig__Output } from './generated/skein/v1/RaftConfig.ts';
import type { RootCa__Output } from './generated/skein/v1/RootCa.ts';
import {
  decodeAnnotations,
  decodeLogDriver,
  decodeMeta,
  encodeAnnotations,
  encodeLogDriver,
  encodeMeta,
} from './meta.ts';
import { decodeKeyring, encodeKeyring } from './network_keys.ts';
import type { Encoded } from './schema.ts';

export function encodeClusterSpec(spec: ClusterSpec): Encoded<ClusterSpec__Output> {
  const { orchestration, raft, dispatcher, ca, encryption, taskDefaults } = spec;
  return {
    annotations: encodeAnnotations(spec),
    orchestration: { taskHistoryRetentionLimit: orchestration.taskHistoryRetentionLimit },
    raft: {
      snapshotInterval: raft.snapshotInterval,
      keepOldSnapshots: raft.keepOldSnapshots,
      logEntriesForSlowFollowers: raft.logEntriesForSlowFollowers,
      heartbeatTick: raft.heartbeatTick,
      electionTick: raft.electionTick,
    },
    dispatcher: { heartbeatPeriodNs: encodeDuration(dispatcher.heartbeatPeriodMs) },
    ca: { nodeCertExpiryNs: encodeDuration(ca.nodeCertExpiryMs), forceRotate: ca.forceRotate },
    encryption: { autoLockManagers: encryption.autoLockManagers },
    taskDefaults: { logDriver: taskDefaults.logDriver && encodeLogDriver(taskDefaults.logDriver) },
  };
}

export function decodeClusterSpec(wire: ClusterSpec__Output): ClusterSpec {
  const orchestration = required(wire.orchestration, 'ClusterSpec.orchestration');
  const dispatcher = required(wire.dispatcher, 'ClusterSpec.dispatcher');
  const ca = required(wire.ca, 'ClusterSpec.ca');
  const encryption = required(wire.encryption, 'ClusterSpec.encryption');
  const { logDriver } = required(wire.taskDefaults, 'ClusterSpec.task_defaults');
  return {
    ...decodeAnnotations(wire.annotations, 'ClusterSpec'),
    orchestration: {
      taskHistoryRetentionLimit: integer(
        orchestration.taskHistoryRetentionLimit,
        'OrchestrationConfig.task_history_retention_limit',
      ),
    },
    raft: decodeRaftConfig(required(wire.raft, 'ClusterSpec.raft')),
    dispatcher: { heartbeatPeriodMs: decodeDuration(dispatcher.heartbeatPeriodNs) },
    ca: {
      nodeCertExpiryMs: decodeDuration(ca.nodeCertExpiryNs),
      forceRotate: integer(ca.forceRotate, 'CaConfig.force_rotate'),
    },
    encryption: { autoLockManagers: encryption.autoLockManagers },
    taskDefaults: logDriver ? { logDriver: decodeLogDriver(logDriver) } : {},
  };
}

function decodeRaftConfig(wire: RaftConfig__Output): ClusterSpec['raft'] {
  return {
    snapshotInterval: integer(wire.snapshotInterval, 'RaftConfig.snapshot_interval'),
    keepOldSnapshots: integer(wire.keepOldSnapshots, 'RaftConfig.keep_old_snapshots'),
    logEntriesForSlowFollowers: integer(
      wire.logEntriesForSlowFollowers,
      'RaftConfig.log_entries_for_slow_followers',
    ),
    heartbeatTick: integer(wire.heartbeatTick, 'RaftConfig.heartbeat_tick'),
    electionTick: integer(wire.electionTick, 'RaftConfig.election_tick'),
  };
}

function encodeRootCa(root: RootCa): Encoded<RootCa__Output> {
  return {
    certPem: root.certPem,
    keyPem: root.keyPem,
    digest: root.digest,
    joinTokens: { worker: root.joinTokens.worker, manager: root.joinTokens.manager },
  };
}

function decodeRootCa(wire: RootCa__Output): RootCa {
  const { worker, manager } = required(wire.joinTokens, 'RootCa.join_tokens');
  return {
    certPem: wire.certPem,
    keyPem: wire.keyPem,
    digest: wire.digest,
    joinTokens: { worker, manager },
  };
}

export function encodeCluster(cluster: Cluster): Encoded<Cluster__Output> {
  return {
    id: cluster.id,
    meta: encodeMeta(cluster.meta),
    spec: encodeClusterSpec(cluster.spec),
    rootCa: encodeRootCa(cluster.rootCa),
    revoked: cluster.revoked.map((revoked) => ({
      nodeId: revoked.nodeId,
      expiresAtUs: encodeTime(revoked.expiresAt),
    })),
    defaultAddressPool: cluster.defaultAddressPool,
    subnetSize: cluster.subnetSize,
    dataPathPort: cluster.dataPathPort,
    unlockKey: cluster.unlockKey,
    networkKeys: cluster.networkKeys && encodeKeyring(cluster.networkKeys),
  };
}

export function decodeCluster(wire: Cluster__Output): Cluster {
  return {
    id: nonEmpty(wire.id, 'Cluster.id'),
    meta: decodeMeta(wire.meta, 'Cluster'),
    spec: decodeClusterSpec(required(wire.spec, 'Cluster.spec')),
    rootCa: decodeRootCa(required(wire.rootCa, 'Cluster.root_ca')),
    revoked: wire.revoked.map((revoked) => ({
      nodeId: nonEmpty(revoked.nodeId, 'RevokedNode.node_id'),
      expiresAt: decodeTime(revoked.expiresAtUs, 'RevokedNode.expires_at'),
    })),
    defaultAddressPool: wire.defaultAddressPool,
    subnetSize: integer(wire.subnetSize, 'Cluster.subnet_size'),
    dataPathPort: integer(wire.dataPathPort, 'Cluster.data_path_port'),
    unlockKey: wire.unlockKey,
    ...(wire.networkKeys ? { networkKeys: decodeKeyring(wire.networkKeys) } : {}),
  };
}
