// The cluster, and the requests that make, join and change one, between the Engine API's JSON and the model.
import { notImplemented } from '../errors.ts';
import type { Cluster, ClusterSpec } from '../../../shared/model/cluster.ts';
import type { InitRequest, JoinRequest } from '../backend.ts';
import { compact, type Fields, mapOrNothing, nanoseconds, timestamp } from './fields.ts';
import { writeTlsInfo } from './node.ts';

const AVAILABILITIES = ['active', 'pause', 'drain'] as const;

export function readInitRequest(json: Fields): InitRequest {
  return {
    listenAddr: json.string('ListenAddr'),
    advertiseAddr: json.string('AdvertiseAddr'),
    dataPathAddr: json.string('DataPathAddr'),
    dataPathPort: json.unsigned('DataPathPort'),
    defaultAddressPool: json.strings('DefaultAddrPool'),
    subnetSize: json.unsigned('SubnetSize'),
    forceNewCluster: json.boolean('ForceNewCluster'),
    availability: json.word('Availability', AVAILABILITIES, 'active'),
    spec: {
      ...readInitSpec(json.section('Spec')),
      ...(json.boolean('AutoLockManagers') && { autoLockManagers: true }),
    },
  };
}

function readInitSpec(json: Fields): InitRequest['spec'] {
  const labels = json.object('Labels') === undefined ? undefined : json.stringMap('Labels');
  const taskHistoryRetentionLimit = json.section('Orchestration').optionalNumber('TaskHistoryRetentionLimit');
  const raft = json.section('Raft');
  const snapshotInterval = raft.optionalUnsigned('SnapshotInterval');
  const keepOldSnapshots = raft.optionalUnsigned('KeepOldSnapshots');
  const heartbeatPeriodMs = json.section('Dispatcher').optionalDurationMs('HeartbeatPeriod');
  const ca = json.section('CAConfig');
  refuseExternalCa(ca);
  const nodeCertExpiryMs = ca.optionalDurationMs('NodeCertExpiry');
  const autoLockManagers = json.section('EncryptionConfig').optionalBoolean('AutoLockManagers');
  return {
    ...(labels !== undefined && { labels }),
    ...(taskHistoryRetentionLimit !== undefined && { taskHistoryRetentionLimit }),
    ...(snapshotInterval !== undefined && snapshotInterval > 0 && { snapshotInterval }),
    ...(keepOldSnapshots !== undefined && { keepOldSnapshots }),
    ...(heartbeatPeriodMs !== undefined && heartbeatPeriodMs > 0 && { heartbeatPeriodMs }),
    ...(nodeCertExpiryMs !== undefined && nodeCertExpiryMs > 0 && { nodeCertExpiryMs }),
    ...(autoLockManagers !== undefined && { autoLockManagers }),
  };
}

function refuseExternalCa(ca: Fields): void {
  if (ca.objects('ExternalCAs').length > 0) {
    throw notImplemented('external CAs (--external-ca)');
  }
}

export function readJoinRequest(json: Fields): JoinRequest {
  return {
    listenAddr: json.string('ListenAddr'),
    advertiseAddr: json.string('AdvertiseAddr'),
    dataPathAddr: json.string('DataPathAddr'),
    remoteAddrs: json.strings('RemoteAddrs'),
    joinToken: json.string('JoinToken'),
    availability: json.word('Availability', AVAILABILITIES, 'active'),
  };
}

/** `POST /swarm/update`: the whole spec; what the JSON leaves out keeps its present value. */
export function readClusterSpec(json: Fields, present: ClusterSpec): ClusterSpec {
  const orchestration = json.section('Orchestration');
  const raft = json.section('Raft');
  const ca = json.section('CAConfig');
  refuseExternalCa(ca);
  const logDriver = json.section('TaskDefaults').object('LogDriver');
  return {
    name: json.optionalString('Name') ?? present.name,
    labels: json.object('Labels') === undefined ? present.labels : json.stringMap('Labels'),
    orchestration: {
      taskHistoryRetentionLimit:
        orchestration.optionalNumber('TaskHistoryRetentionLimit') ??
        present.orchestration.taskHistoryRetentionLimit,
    },
    raft: {
      snapshotInterval: raft.optionalUnsigned('SnapshotInterval') ?? present.raft.snapshotInterval,
      keepOldSnapshots: raft.optionalUnsigned('KeepOldSnapshots') ?? present.raft.keepOldSnapshots,
      logEntriesForSlowFollowers:
        raft.optionalUnsigned('LogEntriesForSlowFollowers') ?? present.raft.logEntriesForSlowFollowers,
      heartbeatTick: raft.optionalUnsigned('HeartbeatTick') ?? present.raft.heartbeatTick,
      electionTick: raft.optionalUnsigned('ElectionTick') ?? present.raft.electionTick,
    },
    dispatcher: {
      heartbeatPeriodMs:
        json.section('Dispatcher').optionalDurationMs('HeartbeatPeriod') ??
        present.dispatcher.heartbeatPeriodMs,
    },
    ca: {
      nodeCertExpiryMs: ca.optionalDurationMs('NodeCertExpiry') ?? present.ca.nodeCertExpiryMs,
      forceRotate: ca.optionalUnsigned('ForceRotate') ?? present.ca.forceRotate,
    },
    encryption: {
      autoLockManagers:
        json.section('EncryptionConfig').optionalBoolean('AutoLockManagers') ??
        present.encryption.autoLockManagers,
    },
    taskDefaults:
      logDriver === undefined
        ? present.taskDefaults
        : { logDriver: { name: logDriver.string('Name'), options: logDriver.stringMap('Options') } },
  };
}

/** The cluster as `docker info` shows it, without tokens. */
export function writeClusterInfo(cluster: Cluster): Record<string, unknown> {
  const { spec } = cluster;
  return {
    ID: cluster.id,
    Version: { Index: cluster.meta.version },
    CreatedAt: timestamp(cluster.meta.createdAt),
    UpdatedAt: timestamp(cluster.meta.updatedAt),
    Spec: {
      Name: spec.name,
      Labels: mapOrNothing(spec.labels) ?? {},
      Orchestration: { TaskHistoryRetentionLimit: spec.orchestration.taskHistoryRetentionLimit },
      Raft: {
        SnapshotInterval: spec.raft.snapshotInterval,
        KeepOldSnapshots: spec.raft.keepOldSnapshots,
        LogEntriesForSlowFollowers: spec.raft.logEntriesForSlowFollowers,
        ElectionTick: spec.raft.electionTick,
        HeartbeatTick: spec.raft.heartbeatTick,
      },
      Dispatcher: { HeartbeatPeriod: nanoseconds(spec.dispatcher.heartbeatPeriodMs) },
      CAConfig: compact({
        NodeCertExpiry: nanoseconds(spec.ca.nodeCertExpiryMs),
        ForceRotate: spec.ca.forceRotate === 0 ? undefined : spec.ca.forceRotate,
      }),
      TaskDefaults:
        spec.taskDefaults.logDriver === undefined
          ? {}
          : {
              LogDriver: {
                Name: spec.taskDefaults.logDriver.name,
                Options: spec.taskDefaults.logDriver.options,
              },
            },
      EncryptionConfig: { AutoLockManagers: spec.encryption.autoLockManagers },
    },
    TLSInfo: writeTlsInfo(cluster.rootCa.certPem),
    RootRotationInProgress: false,
    DataPathPort: cluster.dataPathPort,
    DefaultAddrPool: cluster.defaultAddressPool,
    SubnetSize: cluster.subnetSize,
  };
}

export function writeCluster(cluster: Cluster): Record<string, unknown> {
  const { joinTokens } = cluster.rootCa;
  return {
    ...writeClusterInfo(cluster),
    JoinTokens: { Worker: joinTokens.worker, Manager: joinTokens.manager },
  };
}
