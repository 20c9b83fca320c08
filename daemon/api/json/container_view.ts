// A plain container in the Engine API's JSON: GET /containers/{id}/json.
import type { ContainerSpec } from '../../../shared/model/container.ts';
import type { PortConfig } from '../../../shared/model/endpoint.ts';
import type { ContainerConfig, ContainerView } from '../../../worker/container/api.ts';
import type { ImageConfig } from '../../../worker/image/api.ts';
import { commandOf, environmentOf } from '../../../worker/runtime/bundle_spec.ts';
import { shortId } from '../../../worker/runtime/container_plan.ts';
import { writeHealthcheck, writeMount } from './container.ts';
import { writeMountPoints } from './container_mounts.ts';
import { compact, listOrNothing, timestamp } from './fields.ts';

/** What Go prints for no time at all. */
const NEVER = '0001-01-01T00:00:00Z';

export function writeContainer(view: ContainerView, image: ImageConfig | undefined): Record<string, unknown> {
  const { record } = view;
  const { config } = record;
  const [path = '', ...args] =
    image === undefined ? [] : safely(() => commandOf({ spec: config.spec, image }));
  return {
    Id: record.id,
    Created: timestamp(record.createdAt),
    Path: path,
    Args: args,
    State: writeState(view),
    Image: record.imageId,
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: '',
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: writeHostConfig(config),
    GraphDriver: { Name: 'overlay2', Data: {} },
    Mounts: writeMountPoints(view),
    Config: writeConfig(view, image),
    NetworkSettings: writeNetworkSettings(view),
  };
}

function writeState({ record, status, pid, health }: ContainerView): Record<string, unknown> {
  return {
    Status: status,
    Running: status === 'running' || status === 'restarting',
    Paused: false,
    Restarting: status === 'restarting',
    OOMKilled: record.oomKilled,
    Dead: status === 'dead',
    Pid: pid,
    ExitCode: record.exitCode,
    Error: record.error,
    StartedAt: record.startedAt === 0 ? NEVER : timestamp(record.startedAt),
    FinishedAt: record.finishedAt === 0 ? NEVER : timestamp(record.finishedAt),
    ...(health !== undefined && { Health: { Status: health, FailingStreak: 0, Log: [] } }),
  };
}

function writeConfig({ record }: ContainerView, image: ImageConfig | undefined): Record<string, unknown> {
  const { id, config } = record;
  const { spec, attach } = config;
  const hostname = spec.hostname ?? shortId(id);
  const env = image === undefined ? spec.env : environmentOf({ spec, image, hostname }, '');
  const volumes = spec.mounts.filter(({ type, source }) => type === 'volume' && source === '');
  return compact({
    Hostname: hostname,
    Domainname: '',
    User: spec.user ?? image?.user ?? '',
    AttachStdin: attach.stdin,
    AttachStdout: attach.stdout,
    AttachStderr: attach.stderr,
    ExposedPorts: exposedPorts(config, image),
    Tty: spec.tty,
    OpenStdin: spec.openStdin,
    StdinOnce: config.stdinOnce,
    Env: env.filter((line) => !/^(?:HOSTNAME|HOME|TERM)=/.test(line) || spec.env.includes(line)),
    Cmd:
      listOrNothing(spec.args) ??
      (spec.command.length > 0 ? null : (listOrNothing(image?.cmd ?? []) ?? null)),
    Healthcheck: spec.healthcheck && writeHealthcheck(spec.healthcheck),
    Image: spec.image,
    Volumes: volumes.length === 0 ? undefined : Object.fromEntries(volumes.map(({ target }) => [target, {}])),
    WorkingDir: spec.dir ?? image?.workingDir ?? '',
    Entrypoint: listOrNothing(spec.command) ?? listOrNothing(image?.entrypoint ?? []) ?? null,
    OnBuild: null,
    Labels: { ...image?.labels, ...spec.labels },
    StopSignal: spec.stopSignal ?? (image?.stopSignal || undefined),
    StopTimeout: spec.stopGracePeriodMs === undefined ? undefined : spec.stopGracePeriodMs / 1000,
  });
}

function exposedPorts(config: ContainerConfig, image: ImageConfig | undefined) {
  const all = [...(image?.exposedPorts ?? []), ...config.ports.map(portKey)];
  return all.length === 0 ? undefined : Object.fromEntries(all.map((port) => [port, {}]));
}

function writeHostConfig(config: ContainerConfig): Record<string, unknown> {
  const { spec, resources, restart, networking } = config;
  const limits = resources?.limits;
  const binds = new Set(config.binds.map((text) => text.split(':')[1]));
  return compact({
    Binds: config.binds.length === 0 ? null : config.binds,
    ContainerIDFile: '',
    LogConfig: { Type: config.logDriver?.name ?? 'json-file', Config: config.logDriver?.options ?? {} },
    NetworkMode: networking.kind === 'overlay' ? (networking.networks[0]?.target ?? '') : networking.kind,
    PortBindings: portBindings(config.ports, (port) => (port.published === 0 ? '' : String(port.published))),
    RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetryCount },
    AutoRemove: config.autoRemove,
    VolumeDriver: '',
    ConsoleSize: [0, 0],
    CapAdd: listOrNothing(spec.capabilityAdd),
    CapDrop: listOrNothing(spec.capabilityDrop),
    Dns: spec.dnsConfig?.nameservers ?? [],
    DnsOptions: spec.dnsConfig?.options ?? [],
    DnsSearch: spec.dnsConfig?.search ?? [],
    ExtraHosts: listOrNothing(spec.hosts.map((line) => line.split(' ').reverse().join(':'))),
    GroupAdd: listOrNothing(spec.groups),
    IpcMode: 'private',
    Cgroup: '',
    OomScoreAdj: spec.oomScoreAdj ?? 0,
    PidMode: '',
    Privileged: false,
    PublishAllPorts: config.publishAll,
    ReadonlyRootfs: spec.readOnly,
    SecurityOpt: securityOptions(spec),
    ShmSize: 64 * 1024 * 1024,
    Runtime: 'runc',
    Isolation: '',
    Memory: limits?.memoryBytes ?? 0,
    NanoCpus: limits?.nanoCpus ?? 0,
    PidsLimit: (limits?.pids ?? 0) === 0 ? null : limits?.pids,
    Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Mounts: spec.mounts
      .filter(({ type, source, target }) => !binds.has(target) && !(type === 'volume' && source === ''))
      .map(writeMount),
    Sysctls: spec.sysctls,
    ...(spec.init !== undefined && { Init: spec.init }),
  });
}

function writeNetworkSettings({ record, status }: ContainerView): Record<string, unknown> {
  const { networking } = record.config;
  const run = status === 'running' ? record.run : undefined;
  const names =
    networking.kind === 'overlay' ? networking.networks : [{ target: networking.kind, aliases: [] }];
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: '',
    Ports: portBindings(run?.ports ?? [], (port) => String(port.published)),
    Networks: Object.fromEntries(
      names.map(({ target, aliases }, at) => [target, writeEndpoint(aliases, run?.attachments[at])]),
    ),
  };
}

function writeEndpoint(
  aliases: readonly string[],
  attachment: { readonly networkId: string; readonly addresses: readonly string[] } | undefined,
): Record<string, unknown> {
  const four = attachment?.addresses.find((address) => !address.includes(':'));
  const six = attachment?.addresses.find((address) => address.includes(':'));
  const [address = '', length = '0'] = four?.split('/') ?? [];
  const [address6 = '', length6 = '0'] = six?.split('/') ?? [];
  return compact({
    IPAMConfig: null,
    Aliases: listOrNothing(aliases),
    NetworkID: attachment?.networkId ?? '',
    EndpointID: '',
    Gateway: '',
    IPAddress: address,
    IPPrefixLen: Number(length),
    IPv6Gateway: '',
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: Number(length6),
    MacAddress: '',
    DriverOpts: null,
  });
}

function portKey({ target, protocol }: PortConfig): string {
  return `${target}/${protocol}`;
}

function portBindings(
  ports: readonly PortConfig[],
  hostPort: (port: PortConfig) => string,
): Record<string, readonly unknown[]> {
  const bindings: Record<string, readonly unknown[]> = {};
  for (const port of ports) {
    const key = portKey(port);
    bindings[key] = [...(bindings[key] ?? []), { HostIp: '0.0.0.0', HostPort: hostPort(port) }];
  }
  return bindings;
}

function securityOptions({ privileges }: ContainerSpec): readonly string[] | undefined {
  const { noNewPrivileges, seccomp, appArmor } = privileges ?? {};
  return listOrNothing([
    ...(noNewPrivileges === undefined ? [] : [`no-new-privileges:${noNewPrivileges}`]),
    ...(seccomp === undefined || seccomp.mode === 'default'
      ? []
      : [`seccomp=${seccomp.profileJson ?? seccomp.mode}`]),
    ...(appArmor?.mode === 'disabled' ? ['apparmor=unconfined'] : []),
  ]);
}

/** A container without any command can be made and inspected; it fails when it is started. */
function safely(command: () => readonly string[]): readonly string[] {
  try {
    return command();
  } catch {
    return [];
  }
}
