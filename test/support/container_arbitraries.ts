// fast-check arbitraries for what a task is made from: container, mounts, resources, ports.
import fc from 'fast-check';
import type { LogDriver } from '../../shared/model/cluster.ts';
import type {
  ContainerSpec,
  FileTarget,
  Healthcheck,
  Mount,
  Privileges,
} from '../../shared/model/container.ts';
import type { EndpointSpec, NetworkAttachmentConfig, PortConfig } from '../../shared/model/endpoint.ts';
import type { Platform } from '../../shared/model/node.ts';
import type { ResourceRequirements, ResourceSet } from '../../shared/model/resources.ts';
import { amount, duration, id, labels, list, record, text, texts } from './value_arbitraries.ts';
import type { Arbitrary } from './value_arbitraries.ts';

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
