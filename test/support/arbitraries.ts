// fast-check arbitraries for the model's objects: any value that the types allow and the wire can carry.
// Lists and maps are short, so that a property's thousand runs stay fast; numbers reach their extremes.
import fc from 'fast-check';
import type { Cluster, ClusterSpec, LogDriver } from '../../shared/model/cluster.ts';
import type {
  ContainerSpec,
  FileTarget,
  Healthcheck,
  Mount,
  Privileges,
} from '../../shared/model/container.ts';
import type {
  EndpointSpec,
  NetworkAttachment,
  NetworkAttachmentConfig,
  PortConfig,
} from '../../shared/model/endpoint.ts';
import type { Annotations, Id, Labels, Meta } from '../../shared/model/meta.ts';
import type { Network, NetworkSpec, Subnet } from '../../shared/model/network.ts';
import type { Node, NodeDescription, NodeSpec, Platform } from '../../shared/model/node.ts';
import type { ModelObjects, TableName } from '../../shared/model/objects.ts';
import type { ResourceRequirements, ResourceSet } from '../../shared/model/resources.ts';
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
import type { NetworkView, ViewEndpoint, ViewService } from '../../shared/model/view.ts';
import type { Volume } from '../../shared/model/volume.ts';

type Arbitrary<T> = fc.Arbitrary<T>;

const BASE36 = [...'0123456789abcdefghijklmnopqrstuvwxyz'];
const NS_PER_MS = 1e6;
const US_PER_MS = 1e3;
/** Below this, dividing by a power of ten and multiplying again gives the same whole number. */
const EXACT = 2 ** 51;
/** 15 years, in milliseconds. */
const YEARS_MS = 4.7e11;

export const id: Arbitrary<Id> = fc.string({
  unit: fc.constantFrom(...BASE36),
  minLength: 25,
  maxLength: 25,
});

/** Any text that UTF-8 can carry. */
export const text: Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 12 });

/** `__proto__` cannot be a key of a plain object, so no map of the model holds it. */
export const key: Arbitrary<string> = text.filter((name) => name !== '__proto__');

export const texts: Arbitrary<readonly string[]> = fc.array(text, { maxLength: 3 });
export const labels: Arbitrary<Labels> = fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true });

/** Whole numbers with their extremes, negative ones too: amounts as a user may have typed them. */
export const amount: Arbitrary<number> = fc.oneof(fc.integer(), fc.maxSafeInteger());
export const count: Arbitrary<number> = fc.maxSafeNat();

/** Milliseconds: to the nanosecond up to 26 days, whole ones up to 15 years. */
export const duration: Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: EXACT }).map((ns) => ns / NS_PER_MS),
  fc.integer({ min: 0, max: YEARS_MS }),
);

/** Epoch milliseconds, to the microsecond, up to the year 2041. */
export const time: Arbitrary<number> = fc.integer({ min: 0, max: EXACT }).map((us) => us / US_PER_MS);

export const bytes: Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 64 });

/** As fc.record, with the names of the keys that may be absent. */
function record<T extends object>(
  fields: { [K in keyof Required<T>]: Arbitrary<Exclude<T[K], undefined>> },
  optional: readonly (keyof T)[] = [],
): Arbitrary<T> {
  const requiredKeys = (Object.keys(fields) as (keyof T)[]).filter((name) => !optional.includes(name));
  return fc.record(fields, { requiredKeys, noNullPrototype: true }) as unknown as Arbitrary<T>;
}

function list<T>(element: Arbitrary<T>): Arbitrary<readonly T[]> {
  return fc.array(element, { maxLength: 2 });
}

const annotations = { name: text, labels } satisfies Record<keyof Annotations, unknown>;

export const meta: Arbitrary<Meta> = record<Meta>({ version: count, createdAt: time, updatedAt: time });

export const logDriver: Arbitrary<LogDriver> = record<LogDriver>({ name: text, options: labels });

export const platform: Arbitrary<Platform> = record<Platform>({ architecture: text, os: text });

export const resourceSet: Arbitrary<ResourceSet> = record<ResourceSet>({
  nanoCpus: amount,
  memoryBytes: amount,
  generic: list(fc.record({ kind: text, value: fc.oneof(amount, text) }, { noNullPrototype: true })),
});

export const resourceRequirements: Arbitrary<ResourceRequirements> = record<ResourceRequirements>({
  limits: record<ResourceRequirements['limits']>({ nanoCpus: amount, memoryBytes: amount, pids: amount }),
  reservations: resourceSet,
});

const driver = fc.record({ name: text, options: labels }, { noNullPrototype: true });

export const mount: Arbitrary<Mount> = record<Mount>(
  {
    type: fc.constantFrom('bind', 'volume', 'tmpfs'),
    source: text,
    target: text,
    readOnly: fc.boolean(),
    consistency: text,
    bind: record<NonNullable<Mount['bind']>>(
      {
        propagation: fc.constantFrom('private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'),
        nonRecursive: fc.boolean(),
        createMountpoint: fc.boolean(),
      },
      ['propagation'],
    ),
    volume: record<NonNullable<Mount['volume']>>({ noCopy: fc.boolean(), labels, driver, subpath: text }, [
      'driver',
      'subpath',
    ]),
    tmpfs: record<NonNullable<Mount['tmpfs']>>({ sizeBytes: amount, mode: amount }),
  },
  ['consistency', 'bind', 'volume', 'tmpfs'],
);

const healthcheck: Arbitrary<Healthcheck> = record<Healthcheck>({
  test: texts,
  intervalMs: duration,
  timeoutMs: duration,
  startPeriodMs: duration,
  startIntervalMs: duration,
  retries: amount,
});

const file: Arbitrary<FileTarget> = record<FileTarget>({ name: text, uid: text, gid: text, mode: amount });

const privileges: Arbitrary<Privileges> = record<Privileges>(
  {
    noNewPrivileges: fc.boolean(),
    seccomp: record<NonNullable<Privileges['seccomp']>>(
      { mode: fc.constantFrom('default', 'unconfined', 'custom'), profileJson: text },
      ['profileJson'],
    ),
    appArmor: record<NonNullable<Privileges['appArmor']>>({ mode: fc.constantFrom('default', 'disabled') }),
  },
  ['noNewPrivileges', 'seccomp', 'appArmor'],
);

export const containerSpec: Arbitrary<ContainerSpec> = record<ContainerSpec>(
  {
    image: text,
    labels,
    command: texts,
    args: texts,
    hostname: text,
    env: texts,
    dir: text,
    user: text,
    groups: texts,
    tty: fc.boolean(),
    openStdin: fc.boolean(),
    readOnly: fc.boolean(),
    mounts: list(mount),
    stopSignal: text,
    stopGracePeriodMs: duration,
    healthcheck,
    hosts: texts,
    dnsConfig: record<NonNullable<ContainerSpec['dnsConfig']>>({
      nameservers: texts,
      search: texts,
      options: texts,
    }),
    secrets: list(fc.record({ secretId: id, secretName: text, file }, { noNullPrototype: true })),
    configs: list(fc.record({ configId: id, configName: text, file }, { noNullPrototype: true })),
    isolation: text,
    init: fc.boolean(),
    sysctls: labels,
    capabilityAdd: texts,
    capabilityDrop: texts,
    ulimits: list(
      fc.record(
        { name: text.filter((name) => name !== ''), soft: amount, hard: amount },
        { noNullPrototype: true },
      ),
    ),
    oomScoreAdj: amount,
    privileges,
    registryAuth: text,
  },
  [
    'hostname',
    'dir',
    'user',
    'stopSignal',
    'stopGracePeriodMs',
    'healthcheck',
    'dnsConfig',
    'isolation',
    'init',
    'oomScoreAdj',
    'privileges',
    'registryAuth',
  ],
);

export const port: Arbitrary<PortConfig> = record<PortConfig>({
  name: text,
  protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
  target: amount,
  published: amount,
  mode: fc.constantFrom('ingress', 'host'),
});

export const endpointSpec: Arbitrary<EndpointSpec> = record<EndpointSpec>({
  mode: fc.constantFrom('vip', 'dnsrr'),
  ports: list(port),
});

export const attachmentConfig: Arbitrary<NetworkAttachmentConfig> = record<NetworkAttachmentConfig>({
  target: text,
  aliases: texts,
  driverOptions: labels,
});

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
  },
  ['endpoint', 'logDriver'],
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

export const cluster: Arbitrary<Cluster> = record<Cluster>({
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
});

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
    managerStatus: record<NonNullable<Node['managerStatus']>>({
      raftId: count,
      address: text,
      leader: fc.boolean(),
      reachability: fc.constantFrom('unknown', 'unreachable', 'reachable'),
    }),
    overlayIndex: fc.nat(65279),
    vtepAddress: text,
    certificate: record<Node['certificate']>({
      role: nodeRole,
      issuedAt: time,
      expiresAt: time,
      serial: text,
    }),
  },
  ['description', 'managerStatus', 'overlayIndex', 'vtepAddress'],
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

export const networkView: Arbitrary<NetworkView> = record<NetworkView>({
  networkId: id,
  version: count,
  name: text,
  vni,
  subnets: list(subnet),
  internal: fc.boolean(),
  ingress: fc.boolean(),
  driverOptions: labels,
  nodes: list(
    fc.record({ nodeId: id, overlayIndex: fc.nat(65279), vtepAddress: text }, { noNullPrototype: true }),
  ),
  services: list(viewService),
});

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
