// What POST /containers/create says, as the model has it, and what it is told when skein does not carry it.
import { describe, expect, it } from 'vitest';
import { readContainerConfig } from './container_config.ts';
import { writeContainer } from './container_view.ts';
import { Fields } from './fields.ts';

const read = (host: Readonly<Record<string, unknown>>, config: Readonly<Record<string, unknown>> = {}) =>
  readContainerConfig(new Fields({ Image: 'web:1', ...config, HostConfig: host }, 'ContainerConfig'));

/** As the docker command fills in what nobody asked for. */
const CLIENT_DEFAULTS = {
  ...{ Binds: null, ContainerIDFile: '', LogConfig: { Type: '', Config: {} }, NetworkMode: 'default' },
  ...{ PortBindings: {}, RestartPolicy: { Name: 'no', MaximumRetryCount: 0 }, AutoRemove: false },
  ...{ VolumeDriver: '', VolumesFrom: null, ConsoleSize: [24, 80], CapAdd: null, CapDrop: null },
  ...{ CgroupnsMode: '', Dns: [], DnsOptions: [], DnsSearch: [], ExtraHosts: null, GroupAdd: null },
  ...{ IpcMode: '', Cgroup: '', Links: null, OomScoreAdj: 0, PidMode: '', Privileged: false },
  ...{ ReadonlyRootfs: false, SecurityOpt: null, UTSMode: '', UsernsMode: '', ShmSize: 0, Isolation: '' },
  ...{ CpuShares: 0, Memory: 0, NanoCpus: 0, CgroupParent: '', BlkioWeight: 0, BlkioWeightDevice: [] },
  ...{ CpuPeriod: 0, CpusetCpus: '', Devices: [], DeviceCgroupRules: null, DeviceRequests: null },
  ...{ MemoryReservation: 0, MemorySwap: 0, MemorySwappiness: -1, OomKillDisable: false, PidsLimit: 0 },
  ...{ Ulimits: [], CpuCount: 0, IOMaximumIOps: 0, MaskedPaths: null, ReadonlyPaths: null },
};

describe('a container’s configuration', () => {
  it('of the docker command without any option is all defaults', () => {
    expect(
      read(CLIENT_DEFAULTS, { Entrypoint: null, Cmd: null, Env: null, Volumes: {}, OnBuild: null }),
    ).toMatchObject({
      networking: { kind: 'bridge' },
      ports: [],
      restart: { name: 'no' },
      resources: undefined,
      spec: { image: 'web:1', command: [], args: [], mounts: [], hosts: [] },
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, object]>([
    ['-v /a:/b:ro', { Binds: ['/a:/b:ro'] }, { type: 'bind', source: '/a', target: '/b', readOnly: true }],
    ['-v data:/d', { Binds: ['data:/d'] }, { type: 'volume', source: 'data', target: '/d', readOnly: false }],
    [
      '--tmpfs /t',
      { Tmpfs: { '/t': 'rw,size=2m,mode=700' } },
      { type: 'tmpfs', target: '/t', tmpfs: { sizeBytes: 2_097_152, mode: 0o700 } },
    ],
    [
      '--mount',
      { Mounts: [{ Type: 'bind', Source: '/a', Target: '/b' }] },
      { type: 'bind', source: '/a', target: '/b' },
    ],
  ])('%s', (_option, host, mount) => {
    expect(read(host).spec.mounts).toMatchObject([mount]);
  });

  it('ports: both families are one, none given is a free one', () => {
    const PortBindings = {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '53/udp': [{ HostIp: '', HostPort: '' }],
    };
    expect(read({ PortBindings }).ports).toMatchObject([
      { target: 80, protocol: 'tcp', published: 8080 },
      { target: 53, protocol: 'udp', published: 0 },
    ]);
  });

  it('networks of the swarm come with aliases and addresses', () => {
    const json = {
      Image: 'web:1',
      HostConfig: { NetworkMode: 'shop' },
      NetworkingConfig: {
        EndpointsConfig: { shop: { Aliases: ['db'], IPAMConfig: { IPv4Address: '10.0.0.9' } }, back: {} },
      },
    };
    expect(readContainerConfig(new Fields(json, 'ContainerConfig')).networking).toEqual({
      kind: 'overlay',
      networks: [
        { target: 'shop', aliases: ['db'], address: '10.0.0.9' },
        { target: 'back', aliases: [] },
      ],
    });
  });

  it('--entrypoint "" leaves the command alone', () => {
    expect(read({}, { Entrypoint: [''], Cmd: ['a', 'b'] }).spec).toMatchObject({
      command: ['a', 'b'],
      args: [],
    });
  });

  it.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [{ Privileged: true }, /^not implemented: HostConfig.Privileged$/],
    [{ PidMode: 'host' }, /HostConfig.PidMode/],
    [{ Devices: [{ PathOnHost: '/dev/null' }] }, /HostConfig.Devices/],
    [{ ShmSize: 1 }, /HostConfig.ShmSize 1/],
    [{ MaskedPaths: [] }, /HostConfig.MaskedPaths/],
    [{ Memory: 5_000_000, MemorySwap: -1 }, /HostConfig.MemorySwap/],
    [{ NetworkMode: 'container:a' }, /another container's network/],
    [{ PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }] } }, /127.0.0.1/],
    [{ PortBindings: { '80/tcp': [{ HostPort: '80-90' }] } }, /range 80-90/],
    [{ PortBindings: { 'x/tcp': [] } }, /^invalid port specification: "x\/tcp"$/],
    [{ Binds: ['a'] }, /^invalid volume specification: 'a'$/],
    [{ Binds: ['/a:/b', '/c:/b'] }, /^Duplicate mount point: \/b$/],
    [{ Tmpfs: { '/t': 'exec' } }, /option "exec"/],
    [{ SecurityOpt: ['label=disable'] }, /--security-opt label=disable/],
    [{ ExtraHosts: ['a'] }, /^bad format for add-host: "a"$/],
    [{ ExtraHosts: ['a:host-gateway'] }, /host-gateway/],
    [{ RestartPolicy: { Name: 'sometimes' } }, /must be one of no, on-failure, always, unless-stopped/],
    [{ RestartPolicy: { Name: 'always', MaximumRetryCount: 2 } }, /maximum retry count 2/],
    [{ AutoRemove: true, RestartPolicy: { Name: 'always' } }, /can't create 'AutoRemove' container/],
  ])('%o is refused: %s', (host, words) => {
    expect(() => read(host)).toThrow(words);
  });

  it('is told again as it was said', () => {
    const host = {
      ...{
        Binds: ['/a:/b:ro'],
        ExtraHosts: ['far:1.2.3.4'],
        Memory: 33_554_432,
        NanoCpus: 5e8,
        PidsLimit: 20,
      },
      ...{ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 }, CapAdd: ['NET_ADMIN'] },
      ...{ PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] }, ReadonlyRootfs: true },
    };
    const record = {
      ...{ id: 'ab'.repeat(32), name: 'box', createdAt: 0, imageId: 'sha256:1', config: read(host) },
      ...{ stoppedByUser: false, restartCount: 0, startedAt: 0, finishedAt: 0, exitCode: 0 },
      ...{ oomKilled: false, error: '' },
    };
    const told = writeContainer({ record, status: 'created', pid: 0 }, undefined);
    expect(told).toMatchObject({
      Name: '/box',
      State: { Status: 'created', StartedAt: '0001-01-01T00:00:00Z' },
      HostConfig: host,
    });
  });
});
