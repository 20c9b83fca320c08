// fast-check arbitraries for the model's objects: any value that the types allow and the wire can carry.
import fc from 'fast-check';
import type { Cluster, ClusterSpec } from '../../shared/model/cluster.ts';
import type { AttachmentClaim } from '../../shared/model/attachment.ts';
import type { NetworkAttachment } from '../../shared/model/endpoint.ts';
import type { Meta } from '../../shared/model/meta.ts';
import type { Network, NetworkSpec, Subnet } from '../../shared/model/network.ts';
import type { NetworkKey, NetworkKeyring, NodeEncryption } from '../../shared/model/network_keys.ts';
import type { Node, NodeDescription, NodeSpec } from '../../shared/model/node.ts';
import type { ModelObjects, TableName } from '../../shared/model/objects.ts';
import type { Config, Secret, SecretSpec } from '../../shared/model/secret.ts';
import type {
  Endpoint,
  Placement,
  Service,
  ServiceMode,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
  UpdateStatus,
} from '../../shared/model/service.ts';
import { TASK_STATES } from '../../shared/model/task.ts';
import type { Task, TaskStatus } from '../../shared/model/task.ts';
import type {
  NetworkView,
  ViewEncryption,
  ViewEndpoint,
  ViewNode,
  ViewService,
} from '../../shared/model/view.ts';
import type { Volume } from '../../shared/model/volume.ts';
import {
  attachmentConfig,
  containerSpec,
  endpointSpec,
  logDriver,
  platform,
  port,
  resourceRequirements,
  resourceSet,
} from './container_arbitraries.ts';
import {
  amount,
  annotations,
  bytes,
  count,
  duration,
  id,
  labels,
  list,
  record,
  text,
  texts,
  time,
} from './value_arbitraries.ts';
import type { Arbitrary } from './value_arbitraries.ts';

export const meta: Arbitrary<Meta> = record<Meta>({ version: count, createdAt: time, updatedAt: time });

export const attachment: Arbitrary<NetworkAttachment> = record<NetworkAttachment>({
  networkId: id,
  addresses: texts,
  aliases: texts,
});

const placement: Arbitrary<Placement> = record<Placement>({
  constraints: texts,
  preferences: list(fc.record({ spreadDescriptor: text }, { noNullPrototype: true })),
  maxReplicas: amount,
  platforms: list(platform),
});

export const taskSpec: Arbitrary<TaskSpec> = record<TaskSpec>(
  {
    container: containerSpec,
    resources: resourceRequirements,
    restart: record<NonNullable<TaskSpec['restart']>>({
      condition: fc.constantFrom('none', 'on-failure', 'any'),
      delayMs: duration,
      maxAttempts: amount,
      windowMs: duration,
    }),
    placement,
    networks: list(attachmentConfig),
    logDriver,
    forceUpdate: count,
  },
  ['resources', 'restart', 'placement', 'logDriver'],
);

const serviceMode: Arbitrary<ServiceMode> = fc.oneof(
  amount.map((replicas): ServiceMode => ({ kind: 'replicated', replicas })),
  fc.constant<ServiceMode>({ kind: 'global' }),
);

const updateConfig: Arbitrary<UpdateConfig> = record<UpdateConfig>({
  parallelism: amount,
  delayMs: duration,
  failureAction: fc.constantFrom('pause', 'continue', 'rollback'),
  monitorMs: duration,
  maxFailureRatio: fc.double({ noNaN: true }),
  order: fc.constantFrom('stop-first', 'start-first'),
});

export const serviceSpec: Arbitrary<ServiceSpec> = record<ServiceSpec>(
  {
    ...annotations,
    task: taskSpec,
    mode: serviceMode,
    update: updateConfig,
    rollback: updateConfig,
    endpoint: endpointSpec,
  },
  ['update', 'rollback', 'endpoint'],
);

export const endpoint: Arbitrary<Endpoint> = record<Endpoint>({
  spec: endpointSpec,
  ports: list(port),
  virtualIps: list(fc.record({ networkId: id, address: text }, { noNullPrototype: true })),
});

const updateStatus: Arbitrary<UpdateStatus> = record<UpdateStatus>(
  {
    state: fc.constantFrom(
      'updating',
      'paused',
      'completed',
      'rollback_started',
      'rollback_paused',
      'rollback_completed',
    ),
    startedAt: time,
    completedAt: time,
    message: text,
  },
  ['startedAt', 'completedAt'],
);

export const service: Arbitrary<Service> = record<Service>(
  {
    id,
    meta,
    spec: serviceSpec,
    specVersion: count,
    previousSpec: serviceSpec,
    previousSpecVersion: count,
    endpoint,
    updateStatus,
  },
  ['previousSpec', 'previousSpecVersion', 'endpoint', 'updateStatus'],
);

const taskState = fc.constantFrom(...TASK_STATES);

export const taskStatus: Arbitrary<TaskStatus> = record<TaskStatus>(
  {
    state: taskState,
    timestamp: time,
    message: text,
    error: text,
    container: record<NonNullable<TaskStatus['container']>>({
      containerId: text,
      pid: count,
      exitCode: amount,
    }),
    ports: list(port),
  },
  ['container'],
);

export const attachmentClaim: Arbitrary<AttachmentClaim> = record<AttachmentClaim>({
  id,
  containerId: id,
  containerName: text,
  target: text,
  aliases: texts,
  addresses: texts,
});

export const task: Arbitrary<Task> = record<Task>(
  {
    id,
    meta,
    name: text,
    labels,
    serviceId: id,
    serviceName: text,
    slot: count,
    nodeId: fc.oneof(id, fc.constant('')),
    spec: taskSpec,
    specVersion: count,
    desiredState: taskState,
    status: taskStatus,
    networks: list(attachment),
    endpoint,
    logDriver,
    attachment: attachmentClaim,
  },
  ['endpoint', 'logDriver', 'attachment'],
);

export const clusterSpec: Arbitrary<ClusterSpec> = record<ClusterSpec>({
  ...annotations,
  orchestration: record<ClusterSpec['orchestration']>({ taskHistoryRetentionLimit: amount }),
  raft: record<ClusterSpec['raft']>({
    snapshotInterval: amount,
    keepOldSnapshots: amount,
    logEntriesForSlowFollowers: amount,
    heartbeatTick: amount,
    electionTick: amount,
  }),
  dispatcher: record<ClusterSpec['dispatcher']>({ heartbeatPeriodMs: duration }),
  ca: record<ClusterSpec['ca']>({ nodeCertExpiryMs: duration, forceRotate: amount }),
  encryption: record<ClusterSpec['encryption']>({ autoLockManagers: fc.boolean() }),
  taskDefaults: record<ClusterSpec['taskDefaults']>({ logDriver }, ['logDriver']),
});

const networkKeys = list(record<NetworkKey>({ epoch: count, secret: bytes }));

const keyring: Arbitrary<NetworkKeyring> = record<NetworkKeyring>(
  { keys: networkKeys, sending: count, rotatedAt: time, rotationAskedAt: time },
  ['rotationAskedAt'],
);

export const nodeEncryption: Arbitrary<NodeEncryption> = record<NodeEncryption>({
  incarnation: id,
  epoch: count,
});

export const cluster: Arbitrary<Cluster> = record<Cluster>(
  {
    id,
    meta,
    spec: clusterSpec,
    rootCa: record<Cluster['rootCa']>({
      certPem: text,
      keyPem: text,
      digest: text,
      joinTokens: record<Cluster['rootCa']['joinTokens']>({ worker: text, manager: text }),
    }),
    revoked: list(fc.record({ nodeId: id, expiresAt: time }, { noNullPrototype: true })),
    defaultAddressPool: texts,
    subnetSize: amount,
    dataPathPort: amount,
    unlockKey: fc.string(),
    networkKeys: keyring,
  },
  ['networkKeys'],
);

const nodeRole = fc.constantFrom('worker' as const, 'manager' as const);

export const nodeSpec: Arbitrary<NodeSpec> = record<NodeSpec>({
  ...annotations,
  desiredRole: nodeRole,
  membership: fc.constantFrom('pending', 'accepted'),
  availability: fc.constantFrom('active', 'pause', 'drain'),
});

export const nodeDescription: Arbitrary<NodeDescription> = record<NodeDescription>({
  hostname: text,
  platform,
  resources: resourceSet,
  engine: record<NodeDescription['engine']>({
    version: text,
    labels,
    plugins: list(fc.record({ type: text, name: text }, { noNullPrototype: true })),
  }),
  trustRootPem: text,
});

export const node: Arbitrary<Node> = record<Node>(
  {
    id,
    meta,
    spec: nodeSpec,
    role: nodeRole,
    description: nodeDescription,
    status: record<Node['status']>({
      state: fc.constantFrom('unknown', 'down', 'ready', 'disconnected'),
      message: text,
      address: text,
    }),
    managerStatus: record<NonNullable<Node['managerStatus']>>(
      {
        raftId: count,
        address: text,
        leader: fc.boolean(),
        reachability: fc.constantFrom('unknown', 'unreachable', 'reachable'),
        unreachableSince: time,
      },
      ['unreachableSince'],
    ),
    overlayIndex: fc.nat(65279),
    vtepAddress: text,
    certificate: record<Node['certificate']>({
      role: nodeRole,
      issuedAt: time,
      expiresAt: time,
      serial: text,
    }),
    encryption: nodeEncryption,
  },
  ['description', 'managerStatus', 'overlayIndex', 'vtepAddress', 'encryption'],
);

export const networkSpec: Arbitrary<NetworkSpec> = record<NetworkSpec>({
  ...annotations,
  driver: text,
  driverOptions: labels,
  ipv6: fc.boolean(),
  internal: fc.boolean(),
  attachable: fc.boolean(),
  ingress: fc.boolean(),
  ipam: record<NetworkSpec['ipam']>({
    driver: text,
    options: labels,
    configs: list(
      record<NetworkSpec['ipam']['configs'][number]>(
        { subnet: text, range: text, gateway: text, auxAddresses: labels },
        ['subnet', 'range', 'gateway'],
      ),
    ),
  }),
});

export const subnet: Arbitrary<Subnet> = record<Subnet>({ subnet: text, gateway: text, range: text }, [
  'range',
]);

const vni = fc.integer({ min: 4096, max: 2 ** 24 - 1 });

export const network: Arbitrary<Network> = record<Network>(
  { id, meta, spec: networkSpec, vni, subnets: list(subnet), allocationError: text },
  ['vni', 'allocationError'],
);

/** Serves ConfigSpec too. */
export const secretSpec: Arbitrary<SecretSpec> = record<SecretSpec>(
  { ...annotations, data: bytes, templating: record<{ name: string }>({ name: text }) },
  ['templating'],
);

export const secret: Arbitrary<Secret> = record<Secret>({ id, meta, spec: secretSpec });
export const config: Arbitrary<Config> = record<Config>({ id, meta, spec: secretSpec });

export const volume: Arbitrary<Volume> = record<Volume>({
  id,
  meta,
  spec: record<Volume['spec']>({ ...annotations, driver: text }),
});

const viewEndpoint: Arbitrary<ViewEndpoint> = record<ViewEndpoint>({
  taskId: id,
  taskName: text,
  slot: count,
  nodeId: id,
  addresses: texts,
  state: fc.constantFrom('starting', 'serving', 'draining'),
  aliases: texts,
});

const viewService: Arbitrary<ViewService> = record<ViewService>({
  serviceId: id,
  name: text,
  mode: fc.constantFrom('vip', 'dnsrr'),
  virtualIps: texts,
  aliases: texts,
  ports: list(port),
  endpoints: list(viewEndpoint),
});

export const networkView: Arbitrary<NetworkView> = record<NetworkView>(
  {
    networkId: id,
    version: count,
    name: text,
    vni,
    subnets: list(subnet),
    internal: fc.boolean(),
    ingress: fc.boolean(),
    driverOptions: labels,
    nodes: list(
      record<ViewNode>({ nodeId: id, overlayIndex: fc.nat(65279), vtepAddress: text, incarnation: id }, [
        'incarnation',
      ]),
    ),
    services: list(viewService),
    encryption: record<ViewEncryption>({ keys: networkKeys, sending: count }),
  },
  ['encryption'],
);

/** The arbitrary of each table's objects. */
export const objects: { readonly [Table in TableName]: Arbitrary<ModelObjects[Table]> } = {
  cluster,
  node,
  service,
  task,
  network,
  secret,
  config,
  volume,
};
