// Plain objects of every noun with unremarkable values, for tests to vary. Not product.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { Meta } from '../../shared/model/meta.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Config, Secret } from '../../shared/model/secret.ts';
import type { Service, ServiceSpec, TaskSpec } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';

export const NO_META: Meta = { version: 0, createdAt: 0, updatedAt: 0 };

export function containerSpec(over: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    image: 'busybox:1.36',
    labels: {},
    command: [],
    args: [],
    env: [],
    groups: [],
    tty: false,
    openStdin: false,
    readOnly: false,
    mounts: [],
    hosts: [],
    secrets: [],
    configs: [],
    sysctls: {},
    capabilityAdd: [],
    capabilityDrop: [],
    ulimits: [],
    ...over,
  };
}

export function taskSpec(over: Partial<TaskSpec> = {}): TaskSpec {
  return { container: containerSpec(), networks: [], forceUpdate: 0, ...over };
}

export function serviceSpec(over: Partial<ServiceSpec> = {}): ServiceSpec {
  return { name: 'web', labels: {}, task: taskSpec(), mode: { kind: 'replicated', replicas: 1 }, ...over };
}

export function service(over: Partial<Service> & { readonly id: string }): Service {
  return { meta: NO_META, spec: serviceSpec({ name: over.id }), specVersion: 1, ...over };
}

export function task(over: Partial<Task> & { readonly id: string }): Task {
  return {
    meta: NO_META,
    name: `web.1.${over.id}`,
    labels: {},
    serviceId: 'web',
    serviceName: 'web',
    slot: 1,
    nodeId: '',
    spec: taskSpec(),
    specVersion: 1,
    desiredState: 'running',
    status: { state: 'new', timestamp: 0, message: '', error: '', ports: [] },
    networks: [],
    ...over,
  };
}

export function node(over: Partial<Node> & { readonly id: string }): Node {
  return {
    meta: NO_META,
    spec: {
      name: '',
      labels: {},
      desiredRole: over.role ?? 'worker',
      membership: 'accepted',
      availability: 'active',
    },
    role: 'worker',
    description: {
      hostname: over.id,
      platform: { architecture: 'x86_64', os: 'linux' },
      resources: { nanoCpus: 2e9, memoryBytes: 2 ** 32, generic: [] },
      engine: { version: '0.1.0', labels: {}, plugins: [] },
      trustRootPem: '',
    },
    status: { state: 'ready', message: '', address: '10.0.0.1' },
    certificate: { role: over.role ?? 'worker', issuedAt: 0, expiresAt: 0, serial: '01' },
    ...over,
  };
}

export function network(over: Partial<Network> & { readonly id: string }): Network {
  return {
    meta: NO_META,
    spec: {
      name: over.id,
      labels: {},
      driver: 'overlay',
      driverOptions: {},
      ipv6: false,
      internal: false,
      attachable: false,
      ingress: false,
      ipam: { driver: 'default', options: {}, configs: [] },
    },
    subnets: [],
    ...over,
  };
}

export function secret(over: Partial<Secret> & { readonly id: string }): Secret {
  return { meta: NO_META, spec: { name: over.id, labels: {}, data: new Uint8Array([1, 2, 3]) }, ...over };
}

export function config(over: Partial<Config> & { readonly id: string }): Config {
  return { meta: NO_META, spec: { name: over.id, labels: {}, data: new Uint8Array([1, 2, 3]) }, ...over };
}

export function cluster(over: Partial<Cluster> = {}): Cluster {
  return {
    id: 'cluster',
    meta: NO_META,
    spec: {
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
      ca: { nodeCertExpiryMs: 90 * 86_400_000, forceRotate: 0 },
      encryption: { autoLockManagers: false },
      taskDefaults: {},
    },
    rootCa: {
      certPem: 'CERT',
      keyPem: 'KEY',
      digest: 'sha256:00',
      joinTokens: { worker: 'SWMTKN-1-a-w', manager: 'SWMTKN-1-a-m' },
    },
    revoked: [],
    defaultAddressPool: ['10.0.0.0/8'],
    subnetSize: 24,
    dataPathPort: 4789,
    unlockKey: '',
    ...over,
  };
}
