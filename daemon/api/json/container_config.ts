// The body of POST /containers/create (Docker's Config, HostConfig and NetworkingConfig) as the model has it. What
// skein does not carry is refused by name as soon as it would change something.
import { SkeinError } from '../../../shared/errors.ts';
import type { ContainerSpec, Mount, Privileges } from '../../../shared/model/container.ts';
import type { ResourceRequirements } from '../../../shared/model/resources.ts';
import type { ContainerConfig, ContainerRestartPolicy } from '../../../worker/container/api.ts';
import { readHealthcheck, readMount } from './container.ts';
import { bindMount, tmpfsMount } from './container_binds.ts';
import { readNetworking, readPorts } from './container_network.ts';
import { refuseUnservedConfig } from './container_unserved.ts';
import { type Fields, textOrNothing } from './fields.ts';

const RESTART_POLICIES = ['no', 'on-failure', 'always', 'unless-stopped'] as const;

export function readContainerConfig(json: Fields): ContainerConfig {
  const host = json.section('HostConfig');
  refuseUnservedConfig(json, host);
  const networking = readNetworking(host, json.section('NetworkingConfig'));
  const restart = readRestart(host.section('RestartPolicy'));
  const autoRemove = host.boolean('AutoRemove');
  if (autoRemove && restart.name !== 'no') {
    throw badConfig("can't create 'AutoRemove' container with restart policy");
  }
  const logDriver = host.section('LogConfig');
  return {
    spec: readSpec(json, host),
    resources: readResources(host),
    stdinOnce: json.boolean('StdinOnce'),
    attach: {
      stdin: json.boolean('AttachStdin'),
      stdout: json.boolean('AttachStdout'),
      stderr: json.boolean('AttachStderr'),
    },
    networking,
    ports: networking.kind === 'host' ? [] : readPorts(host.section('PortBindings')),
    publishAll: host.boolean('PublishAllPorts') && networking.kind !== 'host',
    restart,
    autoRemove,
    logDriver:
      logDriver.string('Type') === ''
        ? undefined
        : { name: logDriver.string('Type'), options: logDriver.stringMap('Config') },
    binds: host.strings('Binds'),
  };
}

export function badConfig(message: string): SkeinError {
  return new SkeinError('invalid', 'bad-container-config', message);
}

function readSpec(json: Fields, host: Fields): ContainerSpec {
  const healthcheck = json.object('Healthcheck');
  const hostname = textOrNothing(json.string('Hostname'));
  const dir = textOrNothing(json.string('WorkingDir'));
  const user = textOrNothing(json.string('User'));
  const stopSignal = textOrNothing(json.string('StopSignal'));
  const stopTimeout = json.optionalNumber('StopTimeout');
  const init = host.optionalBoolean('Init');
  const oomScoreAdj = host.number('OomScoreAdj');
  const dns = {
    nameservers: host.strings('Dns'),
    search: host.strings('DnsSearch'),
    options: host.strings('DnsOptions'),
  };
  const hasDns = dns.nameservers.length + dns.search.length + dns.options.length > 0;
  const privileges = readPrivileges(host.strings('SecurityOpt'));
  return {
    image: requiredImage(json),
    labels: json.stringMap('Labels'),
    ...readCommand(json),
    env: json.strings('Env'),
    groups: host.strings('GroupAdd'),
    tty: json.boolean('Tty'),
    openStdin: json.boolean('OpenStdin'),
    readOnly: host.boolean('ReadonlyRootfs'),
    mounts: readMounts(json, host),
    hosts: host.strings('ExtraHosts').map(hostLine),
    secrets: [],
    configs: [],
    sysctls: host.stringMap('Sysctls'),
    capabilityAdd: host.strings('CapAdd'),
    capabilityDrop: host.strings('CapDrop'),
    ulimits: host
      .objects('Ulimits')
      .map((item) => ({ name: item.string('Name'), soft: item.number('Soft'), hard: item.number('Hard') })),
    ...(hostname !== undefined && { hostname }),
    ...(dir !== undefined && { dir }),
    ...(user !== undefined && { user }),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(stopTimeout !== undefined && { stopGracePeriodMs: stopTimeout * 1000 }),
    ...(init !== undefined && { init }),
    ...(oomScoreAdj !== 0 && { oomScoreAdj }),
    ...(healthcheck !== undefined && { healthcheck: readHealthcheck(healthcheck) }),
    ...(hasDns && { dnsConfig: dns }),
    ...(privileges !== undefined && { privileges }),
  };
}

function requiredImage(json: Fields): string {
  const image = json.string('Image');
  if (image === '') {
    throw badConfig('no image given: name one in the field Image');
  }
  return image;
}

/** `--entrypoint ""` clears the image's entrypoint: what is left is the command alone. */
function readCommand(json: Fields): Pick<ContainerSpec, 'command' | 'args'> {
  const entrypoint = json.strings('Entrypoint');
  const cmd = json.strings('Cmd');
  return entrypoint.length === 1 && entrypoint[0] === ''
    ? { command: cmd, args: [] }
    : { command: entrypoint, args: cmd };
}

function readMounts(json: Fields, host: Fields): readonly Mount[] {
  const asked = host.objects('Mounts').map(readMount);
  const binds = host.strings('Binds').map(bindMount);
  const tmpfs = Object.entries(host.stringMap('Tmpfs')).map(([target, options]) =>
    tmpfsMount(target, options),
  );
  const all = [...asked, ...binds, ...tmpfs];
  const taken = new Set<string>();
  for (const { target } of all) {
    if (taken.has(target)) {
      throw badConfig(`Duplicate mount point: ${target}`);
    }
    taken.add(target);
  }
  const anonymous = json
    .section('Volumes')
    .names()
    .filter((target) => !taken.has(target));
  return [
    ...all,
    ...anonymous.map((target) => ({ type: 'volume' as const, source: '', target, readOnly: false })),
  ];
}

/** Docker's `name:address`, as /etc/hosts has it. */
function hostLine(text: string): string {
  const at = text.search(/[:=]/);
  const [name, address] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1).replace(/^\[(.*)\]$/, '$1')];
  if (name === '' || address === '') {
    throw badConfig(`bad format for add-host: "${text}"`);
  }
  if (address === 'host-gateway') {
    throw new SkeinError('not-implemented', 'not-implemented', 'not implemented: host-gateway in ExtraHosts');
  }
  return `${address} ${name}`;
}

/** 0 is no limit. Swap is as much again as memory, as everywhere in skein: another figure is refused. */
function readResources(host: Fields): ResourceRequirements | undefined {
  const memoryBytes = host.unsigned('Memory');
  const swap = host.number('MemorySwap');
  if (swap !== 0 && swap !== memoryBytes * 2) {
    throw new SkeinError(
      'not-implemented',
      'not-implemented',
      'not implemented: HostConfig.MemorySwap other than twice the memory',
    );
  }
  const limits = {
    nanoCpus: host.unsigned('NanoCpus'),
    memoryBytes,
    pids: Math.max(host.number('PidsLimit'), 0),
  };
  return limits.nanoCpus + limits.memoryBytes + limits.pids === 0
    ? undefined
    : { limits, reservations: { nanoCpus: 0, memoryBytes: 0, generic: [] } };
}

function readRestart(policy: Fields): ContainerRestartPolicy {
  const name = policy.word('Name', RESTART_POLICIES, 'no');
  const maximumRetryCount = policy.number('MaximumRetryCount');
  if (maximumRetryCount < 0 || (maximumRetryCount > 0 && name !== 'on-failure')) {
    throw badConfig(
      `invalid restart policy: maximum retry count ${maximumRetryCount} goes with on-failure only, and is not negative`,
    );
  }
  return { name, maximumRetryCount };
}

function readPrivileges(options: readonly string[]): Privileges | undefined {
  let privileges: Privileges | undefined;
  for (const option of options) {
    const [, key = option, value = ''] = /^([a-z-]+)[=:](.*)$/s.exec(option) ?? [];
    if (key === 'no-new-privileges' && ['', 'true', 'false'].includes(value)) {
      privileges = { ...privileges, noNewPrivileges: value !== 'false' };
    } else if (key === 'seccomp') {
      privileges = {
        ...privileges,
        seccomp:
          value === 'unconfined' || value === 'builtin'
            ? { mode: value === 'builtin' ? 'default' : 'unconfined' }
            : { mode: 'custom', profileJson: value },
      };
    } else if (key === 'apparmor' && value === 'unconfined') {
      privileges = { ...privileges, appArmor: { mode: 'disabled' } };
    } else {
      throw new SkeinError('not-implemented', 'not-implemented', `not implemented: --security-opt ${option}`);
    }
  }
  return privileges;
}
