// config.json as tables: what is asked for on the left, what the runtime is told on the right.
import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '../../shared/model/container.ts';
import { resolveUser } from './accounts.ts';
import type { ContainerPlan } from './api.ts';
import { type BundleResult, buildBundle, commandOf, environmentOf } from './bundle_spec.ts';
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, resolveCapabilities } from './capabilities.ts';
import { containerFiles, hostsFile } from './container_files.ts';
import type { HostFacts } from './host_facts.ts';
import { logLimits } from './log_options.ts';
import { signalNumber } from './signals.ts';
import { EMPTY_IMAGE, EMPTY_SPEC, type PlanChange } from './test/busybox.ts';

const HOST: HostFacts = {
  architecture: 'x86_64',
  cpus: 2,
  memoryBytes: 2 ** 30,
  cgroupMode: 'v2',
  controllers: new Set(['cpu', 'memory', 'pids']),
  controllerPaths: new Map(),
  memorySwapLimit: true,
  capabilities: new Set(ALL_CAPABILITIES),
  oomScoreAdj: 0,
  canLowerOomScore: false,
  seccomp: true,
  initPath: undefined,
};

function plan(change: PlanChange = {}): ContainerPlan {
  return {
    id: 't1',
    hostname: 'box',
    image: EMPTY_IMAGE,
    lowerDirs: [],
    resources: undefined,
    netnsPath: '/run/netns/t1',
    resolvConf: '',
    hostsLines: [],
    mounts: [],
    secrets: [],
    configs: [],
    logDriver: undefined,
    ...change,
    spec: { ...EMPTY_SPEC, ...change.spec },
  };
}

function build(change: PlanChange = {}, host: Partial<HostFacts> = {}): BundleResult {
  return buildBundle({
    plan: plan(change),
    user: { uid: 0, gid: 0, additionalGids: [0], home: '/root' },
    files: containerFiles('/run/x'),
    rootPath: '/state/merged',
    cgroupsPath: '/skein/t1',
    host: { ...HOST, ...host },
  });
}

const spec = (change: Partial<ContainerSpec>): PlanChange => ({ spec: change });
const limits = (change: Partial<{ nanoCpus: number; memoryBytes: number; pids: number }>): PlanChange => ({
  resources: {
    limits: { nanoCpus: 0, memoryBytes: 0, pids: 0, ...change },
    reservations: { nanoCpus: 0, memoryBytes: 0, generic: [] },
  },
});

describe('config.json', () => {
  it('of an empty spec is as Docker’s default', () => {
    const { spec: config, warnings } = build();
    expect(warnings).toEqual([]);
    expect(config.process).toEqual({
      terminal: false,
      user: { uid: 0, gid: 0, additionalGids: [0] },
      args: ['sh'],
      env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'HOSTNAME=box',
        'HOME=/root',
      ],
      cwd: '/',
      capabilities: {
        bounding: DEFAULT_CAPABILITIES,
        effective: DEFAULT_CAPABILITIES,
        permitted: DEFAULT_CAPABILITIES,
      },
      noNewPrivileges: false,
    });
    expect(config.mounts.map((mount) => mount.destination)).toEqual([
      '/proc',
      '/dev',
      '/sys',
      '/dev/pts',
      '/dev/mqueue',
      '/dev/shm',
      '/etc/resolv.conf',
      '/etc/hostname',
      '/etc/hosts',
      '/sys/fs/cgroup',
    ]);
    expect(config.linux.namespaces).toEqual([
      { type: 'pid' },
      { type: 'mount' },
      { type: 'ipc' },
      { type: 'uts' },
      { type: 'network', path: '/run/netns/t1' },
      { type: 'cgroup' },
    ]);
  });

  it.each([
    [limits({ memoryBytes: 64 * 2 ** 20 }), { memory: { limit: 67108864, swap: 134217728 } }],
    [limits({ nanoCpus: 1.5e9 }), { cpu: { quota: 150_000, period: 100_000 } }],
    [limits({ nanoCpus: 1e6 }), { cpu: { quota: 1000, period: 100_000 } }],
    [limits({ pids: 7 }), { pids: { limit: 7 } }],
  ])('limits %#', (change, expected) => {
    const { devices, ...rest } = build(change).spec.linux.resources;
    expect(devices[0]).toEqual({ allow: false, access: 'rwm' });
    expect(rest).toEqual(expected);
  });

  it.each([
    [limits({ memoryBytes: 2 ** 30 }), 'memory limit cannot be enforced: this host has no "memory"'],
    [limits({ nanoCpus: 1 }), 'cpu limit cannot be enforced: this host has no "cpu"'],
    [limits({ pids: 1 }), 'pids limit cannot be enforced: this host has no "pids"'],
    [spec({ init: true }), 'apt-get install tini'],
    [spec({ dir: 'relative' }), 'needs to be an absolute path'],
    [spec({ sysctls: { 'kernel.panic': '1' } }), 'sysctl "kernel.panic" is not allowed'],
    [spec({ capabilityAdd: ['FLY'] }), 'unknown capability "FLY"'],
    [spec({ ulimits: [{ name: 'nofile', soft: 2, hard: 1 }] }), 'soft limit 2 is above'],
    [
      spec({ mounts: [{ type: 'tmpfs', source: '', target: '/a/../..', readOnly: false }] }),
      'invalid mount target',
    ],
    [{ image: { ...EMPTY_IMAGE, cmd: [] } }, 'no command specified'],
  ])('refuses %#: %s', (change: PlanChange, message) => {
    expect(() => build(change, { controllers: new Set() })).toThrow(message);
  });

  it('an oom score below the daemon’s own is a warning', () => {
    const { spec: config, warnings } = build(spec({ oomScoreAdj: -500 }));
    expect([config.process.oomScoreAdj, warnings.length]).toEqual([undefined, 1]);
    expect(build(spec({ oomScoreAdj: 300 })).spec.process.oomScoreAdj).toBe(300);
  });

  it('an init program runs the command', () => {
    const { spec: config } = build(spec({ init: true }), { initPath: '/usr/bin/tini-static' });
    expect(config.process.args).toEqual(['/sbin/docker-init', '--', 'sh']);
    expect(config.mounts).toContainEqual(
      expect.objectContaining({ destination: '/sbin/docker-init', source: '/usr/bin/tini-static' }),
    );
  });

  it('secrets, mounts and tmpfs appear read-only or not, parents first', () => {
    const target = { name: 'key', uid: '0', gid: '0', mode: 0o444 };
    const { spec: config } = build({
      secrets: [{ target, data: new Uint8Array() }],
      mounts: [
        {
          source: '/vol',
          target: '/data',
          readOnly: true,
          propagation: 'rslave',
          recursive: true,
        },
      ],
      spec: {
        mounts: [
          { type: 'tmpfs', source: '', target: '/tmp', readOnly: false, tmpfs: { sizeBytes: 9, mode: 0 } },
        ],
      },
    });
    const found = (path: string) => config.mounts.find((mount) => mount.destination === path);
    expect(found('/run/secrets/key')?.source).toBe('/run/x/payloads/secret-0');
    expect(found('/run/secrets/key')?.options).toContain('ro');
    expect(found('/data')?.options).toEqual(['rbind', 'rslave', 'ro']);
    expect(found('/tmp')?.options).toEqual(['nosuid', 'nodev', 'noexec', 'rw', 'mode=1777', 'size=9']);
    expect(config.linux.rootfsPropagation).toBe('rslave');
  });

  it('the filter opens with capabilities', () => {
    const allowed = (change: PlanChange) =>
      build(change).spec.linux.seccomp?.syscalls?.find((rule) => rule.args === undefined)?.names ?? [];
    expect(allowed({})).toContain('openat');
    expect(allowed({})).not.toContain('mount');
    expect(allowed(spec({ capabilityAdd: ['SYS_ADMIN'] }))).toContain('mount');
    expect(
      build(spec({ privileges: { seccomp: { mode: 'unconfined' } } })).spec.linux.seccomp,
    ).toBeUndefined();
  });
});

describe('capabilities', () => {
  const all = new Set(ALL_CAPABILITIES);
  it.each([
    [[], [], 14],
    [['NET_ADMIN'], ['cap_chown'], 14],
    [[], ['ALL'], 0],
    [['ALL'], [], 41],
    [['KILL'], ['ALL'], 1],
  ])('add %j, drop %j', (add, drop, count) => {
    expect(resolveCapabilities(add, drop, all)).toHaveLength(count);
  });
});

describe('commands and environment', () => {
  const image = { ...EMPTY_IMAGE, entrypoint: ['/entry'], cmd: ['a'], env: ['A=1', 'B=2'] };
  it.each([
    [[], [], ['/entry', 'a']],
    [[], ['x'], ['/entry', 'x']],
    [['/own'], [], ['/own']],
    [['/own'], ['x'], ['/own', 'x']],
  ])('command %j args %j', (command, args, expected) => {
    expect(commandOf({ image, spec: { ...EMPTY_SPEC, command, args } })).toEqual(expected);
  });

  it('the service’s variables win, a bare name takes one out', () => {
    const env = environmentOf(
      { image, spec: { ...EMPTY_SPEC, env: ['A=3', 'B', 'C=x=y'] }, hostname: 'h' },
      '/',
    );
    expect(env.slice(1)).toEqual(['HOSTNAME=h', 'A=3', 'C=x=y', 'HOME=/']);
  });
});

describe('users', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/sh\nbroken\n';
  const group = 'root:x:0:\nlog:x:40:web,other\n';
  it.each([
    ['', [], { uid: 0, gid: 0, additionalGids: [0], home: '/root' }],
    ['web', [], { uid: 33, gid: 34, additionalGids: [34, 40], home: '/srv' }],
    ['33', [], { uid: 33, gid: 34, additionalGids: [34, 40], home: '/srv' }],
    ['1000', [], { uid: 1000, gid: 0, additionalGids: [0], home: '/' }],
    ['web:log', [], { uid: 33, gid: 40, additionalGids: [40], home: '/srv' }],
    ['1:2', ['log', '7'], { uid: 1, gid: 2, additionalGids: [2, 40, 7], home: '/' }],
  ])('%j with %j', (user, groups, expected) => {
    expect(resolveUser(user, groups, passwd, group)).toEqual(expected);
  });

  it.each([['nobody'], ['web:none'], ['99999999999']])('%j is not found', (user) => {
    expect(() => resolveUser(user, [], passwd, group)).toThrow('unable to find');
  });
});

describe('small things', () => {
  it.each([
    ['SIGTERM', 15],
    ['int', 2],
    ['9', 9],
    ['SIGRTMIN+3', 37],
    ['RTMAX-1', 63],
  ])('signal %s', (text, number) => {
    expect(signalNumber(text)).toBe(number);
  });

  it.each(['', 'SIGNONE', '65', 'RTMIN+99'])('no signal: %j', (text) => {
    expect(() => signalNumber(text)).toThrow('invalid signal');
  });

  it('log options', () => {
    expect(logLimits(undefined)).toEqual({ maxBytes: 10 * 2 ** 20, maxFiles: 3 });
    const options = { 'max-size': '1m', 'max-file': '5' };
    expect(logLimits({ name: 'json-file', options })).toEqual({ maxBytes: 2 ** 20, maxFiles: 5 });
    expect(() => logLimits({ name: 'syslog', options: {} })).toThrow('log driver "syslog" is not available');
    expect(() => logLimits({ name: '', options: { 'max-size': 'x' } })).toThrow('max-size');
  });

  it('/etc/hosts', () => {
    expect(hostsFile(['10.0.0.5 box'], ['1.2.3.4 db db.local']).split('\n').slice(-3)).toEqual([
      '1.2.3.4\tdb\tdb.local',
      '10.0.0.5\tbox',
      '',
    ]);
  });
});
