// Bad input as tables: what is sent, and the sentence that comes back.
import { describe, expect, test } from 'vitest';
import { containerSpec, network, serviceSpec, taskSpec } from '../../test/support/objects.ts';
import type { ContainerSpec, Mount } from '../../shared/model/container.ts';
import type { PortConfig } from '../../shared/model/endpoint.ts';
import type { IpamConfig, NetworkSpec } from '../../shared/model/network.ts';
import type { ServiceSpec, TaskSpec, UpdateConfig } from '../../shared/model/service.ts';
import { isImageReference } from './image_reference.ts';
import { checkDataName, checkDnsName } from './names.ts';
import { validateNetworkSpec } from './validate_network.ts';
import { validateServiceSpec } from './validate_service.ts';

const MIB = 1024 * 1024;

describe('names', () => {
  test.each(['a', 'web', 'Web-1', 'a_b', '9', 'a'.repeat(63)])('%s is a service name', (name) => {
    expect(() => checkDnsName(name)).not.toThrow();
  });

  test.each([
    ['', 'meta: name must be provided'],
    ['-a', 'must be valid as a DNS name component'],
    ['a-', 'must be valid as a DNS name component'],
    ['a.b', 'must be valid as a DNS name component'],
    ['a b', 'must be valid as a DNS name component'],
    ['a\n', 'must be valid as a DNS name component'],
    ['ä', 'must be valid as a DNS name component'],
    ['a'.repeat(64), 'name must be 63 characters or fewer'],
  ])('%j is no service name: %s', (name, message) => {
    expect(() => checkDnsName(name)).toThrow(message);
  });

  test.each(['', '.a', 'a.', 'a/b', 'a'.repeat(65)])('%j is no secret name', (name) => {
    expect(() => checkDataName(name)).toThrow('only 64 [a-zA-Z0-9-_.] characters allowed');
  });

  test.each(['a.b', 'a'.repeat(64)])('%s is a secret name', (name) => {
    expect(() => checkDataName(name)).not.toThrow();
  });
});

describe('image references', () => {
  const digest = `sha256:${'0a'.repeat(32)}`;
  test.each([
    ['busybox', true],
    ['busybox:1.36', true],
    ['library/busybox', true],
    ['localhost:5000/a/b:tag', true],
    ['[fd00::1]:5000/a', true],
    ['Registry.example.com/a', true],
    [`busybox@${digest}`, true],
    [`busybox:1@${digest}`, true],
    ['Busybox', false],
    ['busybox:', false],
    ['busybox:-x', false],
    ['busybox@sha256:12', false],
    ['a//b', false],
    ['/a', false],
    [' busybox', false],
    ['a b', false],
    ['a'.repeat(2_000), false],
  ])('%s: %s', (text, good) => {
    expect(isImageReference(text)).toBe(good);
  });
});

test.each([
  ['dashes', `${'a-'.repeat(511)}!`],
  ['underscores', `${'a_'.repeat(511)}!`],
  ['slashes', `${'a/'.repeat(511)}!`],
  ['dots', `${'a.'.repeat(511)}!`],
  ['letters', `${'a'.repeat(1_000)}!`],
  ['digest', `a@${'a+'.repeat(500)}:0`],
])('hostile image references do not hold the process: %s', (_what, text) => {
  const start = performance.now();
  expect(isImageReference(text)).toBe(false);
  expect(performance.now() - start).toBeLessThan(200);
});

const withTask = (over: Partial<TaskSpec>): ServiceSpec => serviceSpec({ task: taskSpec(over) });
const withContainer = (over: Partial<ContainerSpec>): ServiceSpec =>
  withTask({ container: containerSpec(over) });
const mount = (over: Partial<Mount>): Mount => ({
  type: 'volume',
  source: 'data',
  target: '/data',
  readOnly: false,
  ...over,
});
const port = (over: Partial<PortConfig>): PortConfig => ({
  name: '',
  protocol: 'tcp',
  target: 80,
  published: 8080,
  mode: 'ingress',
  ...over,
});
const update: UpdateConfig = {
  parallelism: 1,
  delayMs: 0,
  failureAction: 'pause',
  monitorMs: 5_000,
  maxFailureRatio: 0,
  order: 'stop-first',
};
const amounts = { nanoCpus: 0, memoryBytes: 0, pids: 0, generic: [] };
const restart = { condition: 'any', delayMs: 0, maxAttempts: 0, windowMs: 0 } as const;
const placement = { constraints: [], preferences: [], maxReplicas: 0, platforms: [] };
const health = { test: [], intervalMs: 0, timeoutMs: 0, startPeriodMs: 0, startIntervalMs: 0, retries: 0 };
const file = { name: 'f', uid: '0', gid: '0', mode: 0o444 };

/** As the wire or a careless client could give it: a value that the type does not allow. */
function outOfType<V>(value: string): V {
  return value as V;
}

describe('service specs', () => {
  const bad: readonly (readonly [string, ServiceSpec])[] = [
    ['Number of replicas must be between 0', serviceSpec({ mode: { kind: 'replicated', replicas: -1 } })],
    ['Number of replicas must be between 0', serviceSpec({ mode: { kind: 'replicated', replicas: 1e9 } })],
    ['Number of replicas must be between 0', serviceSpec({ mode: { kind: 'replicated', replicas: 1.5 } })],
    ['Number of replicas must be between 0', serviceSpec({ mode: { kind: 'replicated', replicas: NaN } })],
    ['ContainerSpec: image reference must be provided', withContainer({ image: '' })],
    ['"No/Such" is not a valid repository/tag', withContainer({ image: 'No/Such' })],
    [
      'ContainerSpec: duplicate mount point: /data/',
      withContainer({ mounts: [mount({}), mount({ target: '/data/' })] }),
    ],
    ['field Target must not be empty', withContainer({ mounts: [mount({ target: '' })] })],
    ["'data' mount path must be absolute", withContainer({ mounts: [mount({ target: 'data' })] })],
    ["destination can't be '/'", withContainer({ mounts: [mount({ target: '/x/..' })] })],
    ['field Source must not be empty', withContainer({ mounts: [mount({ type: 'bind', source: '' })] })],
    [
      "'./x' mount path must be absolute",
      withContainer({ mounts: [mount({ type: 'bind', source: './x' })] }),
    ],
    ['field Source must not be specified', withContainer({ mounts: [mount({ type: 'tmpfs' })] })],
    ['invalid environment variable', withContainer({ env: ['=x'] })],
    ['Interval in HealthConfig', withContainer({ healthcheck: { ...health, intervalMs: -5 } })],
    ["Unknown healthcheck type 'SHELL'", withContainer({ healthcheck: { ...health, test: ['SHELL', 'x'] } })],
    ['ulimit soft limit', withContainer({ ulimits: [{ name: 'nofile', soft: 10, hard: 5 }] })],
    [
      "secret references 'a' and 'b' have a conflicting target: 'f'",
      withContainer({
        secrets: [
          { secretId: '1', secretName: 'a', file },
          { secretId: '2', secretName: 'b', file },
        ],
      }),
    ],
    [
      'malformed file config reference',
      withContainer({ configs: [{ configId: '1', configName: 'a', file: { ...file, name: '' } }] }),
    ],
    [
      'invalid memory value 1024: Must be at least 4MiB',
      withTask({ resources: { limits: { ...amounts, memoryBytes: 1024 }, reservations: amounts } }),
    ],
    [
      'invalid memory value -1: Must be at least 4MiB',
      withTask({ resources: { limits: amounts, reservations: { ...amounts, memoryBytes: -1 } } }),
    ],
    [
      'invalid cpu value 0.0001: Must be at least 0.001',
      withTask({ resources: { limits: { ...amounts, nanoCpus: 100_000 }, reservations: amounts } }),
    ],
    [
      'must not be above the memory limit',
      withTask({
        resources: {
          limits: { ...amounts, memoryBytes: 8 * MIB },
          reservations: { ...amounts, memoryBytes: 9 * MIB },
        },
      }),
    ],
    ['restart-delay cannot be negative', withTask({ restart: { ...restart, delayMs: -1 } })],
    ['unrecognized restart-condition', withTask({ restart: { ...restart, condition: outOfType('always') } })],
    [
      "invalid constraint 'node.rool==x'",
      withTask({ placement: { ...placement, constraints: ['node.rool==x'] } }),
    ],
    ['replicas-max-per-node', withTask({ placement: { ...placement, maxReplicas: -1 } })],
    [
      "invalid placement preference 'spread=zone'",
      withTask({ placement: { ...placement, preferences: [{ spreadDescriptor: 'zone' }] } }),
    ],
    ['update-delay cannot be negative', serviceSpec({ update: { ...update, delayMs: -1 } })],
    ['update-maxfailureratio', serviceSpec({ update: { ...update, maxFailureRatio: 1.1 } })],
    [
      "unrecognized rollback-failure-action 'rollback'",
      serviceSpec({ rollback: { ...update, failureAction: 'rollback' } }),
    ],
    ["can't be used with dnsrr mode", serviceSpec({ endpoint: { mode: 'dnsrr', ports: [port({})] } })],
    [
      'duplicate published ports provided',
      serviceSpec({ endpoint: { mode: 'vip', ports: [port({}), port({ target: 81 })] } }),
    ],
    [
      'invalid published port 70000',
      serviceSpec({ endpoint: { mode: 'vip', ports: [port({ published: 70_000 })] } }),
    ],
    ['invalid target port 0', serviceSpec({ endpoint: { mode: 'vip', ports: [port({ target: 0 })] } })],
  ];
  test.each(bad)('%s', (message, spec) => {
    expect(() => validateServiceSpec(spec)).toThrow(message);
  });

  const good: readonly (readonly [string, ServiceSpec])[] = [
    ['the plainest', serviceSpec()],
    ['no replicas', serviceSpec({ mode: { kind: 'replicated', replicas: 0 } })],
    ['global', serviceSpec({ mode: { kind: 'global' } })],
    [
      'host port with dnsrr, tcp and udp on one port, two dynamic ports',
      serviceSpec({
        endpoint: {
          mode: 'dnsrr',
          ports: [
            port({ mode: 'host' }),
            port({ mode: 'host', protocol: 'udp' }),
            port({ mode: 'host', published: 0 }),
            port({ mode: 'host', published: 0, target: 81 }),
          ],
        },
      }),
    ],
    [
      '4 MiB',
      withTask({ resources: { limits: { ...amounts, memoryBytes: 4 * MIB }, reservations: amounts } }),
    ],
  ];
  test.each(good)('%s is allowed', (_what, spec) => {
    expect(() => validateServiceSpec(spec)).not.toThrow();
  });
});

describe('network specs', () => {
  const spec = (over: Partial<NetworkSpec>): NetworkSpec => ({ ...network({ id: 'n' }).spec, ...over });
  const ipam = (...configs: readonly Partial<IpamConfig>[]): NetworkSpec =>
    spec({
      ipam: {
        driver: 'default',
        options: {},
        configs: configs.map((config) => ({ auxAddresses: {}, ...config })),
      },
    });
  test.each<readonly [string, NetworkSpec]>([
    ['operation is not permitted on predefined host network', spec({ name: 'host' })],
    ["network driver 'bridge' cannot span the swarm", spec({ driver: 'bridge' })],
    ['invalid subnet 10.1.0.0', ipam({ subnet: '10.1.0.0' })],
    ['invalid subnet 10.1.0.1/24: it should be 10.1.0.0/24', ipam({ subnet: '10.1.0.1/24' })],
    ['subnet 10.1.0.0/30 is too small', ipam({ subnet: '10.1.0.0/30' })],
    [
      'overlaps with another one of the same network',
      ipam({ subnet: '10.1.0.0/16' }, { subnet: '10.1.3.0/24' }),
    ],
    ['invalid gateway address 10.2.0.1', ipam({ subnet: '10.1.0.0/24', gateway: '10.2.0.1' })],
    ['invalid gateway address 10.1.0.0', ipam({ subnet: '10.1.0.0/24', gateway: '10.1.0.0' })],
    ['invalid range 10.0.0.0/8', ipam({ subnet: '10.1.0.0/24', range: '10.0.0.0/8' })],
    ['invalid x address 1.2.3.4', ipam({ subnet: '10.1.0.0/24', auxAddresses: { x: '1.2.3.4' } })],
    ['a range or gateway needs a subnet', ipam({ gateway: '10.1.0.1' })],
    ["invalid MTU '60'", spec({ driverOptions: { 'com.docker.network.driver.mtu': '60' } })],
    ["invalid MTU '-1'", spec({ driverOptions: { 'com.docker.network.driver.mtu': '-1' } })],
    [
      'a number from 1280 (IPv6)',
      spec({ ipv6: true, driverOptions: { 'com.docker.network.driver.mtu': '1200' } }),
    ],
  ])('%s', (message, bad) => {
    expect(() => validateNetworkSpec(bad)).toThrow(message);
  });

  test('a sound one of both families is allowed', () => {
    const good = ipam(
      { subnet: '10.1.0.0/24', gateway: '10.1.0.1', range: '10.1.0.128/25' },
      { subnet: 'fd00:1::/64' },
    );
    expect(() => validateNetworkSpec(good)).not.toThrow();
  });
});
