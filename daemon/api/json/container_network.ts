// Which networks a container joins, and which of its ports the host publishes, from Docker's NetworkMode,
// EndpointsConfig and PortBindings.
import { SkeinError } from '../../../shared/errors.ts';
import type { PortConfig, PortProtocol } from '../../../shared/model/endpoint.ts';
import type { ContainerNetwork } from '../../../worker/attachment/api.ts';
import type { ContainerNetworking } from '../../../worker/container/api.ts';
import { notImplemented } from '../errors.ts';
import type { Fields } from './fields.ts';

const PORT_MAX = 65_535;
/** All addresses of the host: what skein publishes on. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::', '[::]']);

export function readNetworking(host: Fields, networking: Fields): ContainerNetworking {
  const mode = host.string('NetworkMode') || 'default';
  const endpoints = networking.section('EndpointsConfig');
  const local = localMode(mode);
  const others = endpoints.names().filter((name) => name !== mode && localMode(name) !== local);
  if (mode.startsWith('container:')) {
    throw notImplemented("another container's network (NetworkMode container:…)");
  }
  if (local === undefined) {
    const names = [mode, ...endpoints.names().filter((name) => name !== mode)];
    const mixed = names.find((name) => localMode(name) !== undefined);
    if (mixed !== undefined) {
      throw notImplemented(`network ${mixed} beside a network of the swarm`);
    }
    return { kind: 'overlay', networks: names.map((name) => readEndpoint(name, endpoints.section(name))) };
  }
  const [other] = others;
  if (other !== undefined) {
    throw notImplemented(`network ${other} beside ${mode}: name the networks of the swarm alone`);
  }
  const own = readEndpoint(mode, endpoints.section(mode));
  if (own.aliases.length > 0 || own.address !== undefined || own.address6 !== undefined) {
    throw new SkeinError(
      'invalid',
      'bad-endpoint',
      'invalid endpoint settings: network-scoped aliases and user specified IP addresses are supported for containers in networks of the swarm only',
    );
  }
  return { kind: local };
}

function localMode(name: string): 'bridge' | 'none' | 'host' | undefined {
  return name === 'default' || name === 'bridge'
    ? 'bridge'
    : name === 'none' || name === 'host'
      ? name
      : undefined;
}

function readEndpoint(target: string, endpoint: Fields): ContainerNetwork {
  const ipam = endpoint.section('IPAMConfig');
  for (const name of ['Links', 'MacAddress', 'DriverOpts', 'GwPriority']) {
    const value = endpoint.anything(name);
    const isEmpty = Array.isArray(value)
      ? value.length === 0
      : typeof value === 'object' && value !== null
        ? Object.keys(value).length === 0
        : !value;
    if (!isEmpty) {
      throw notImplemented(`EndpointsConfig.${target}.${name}`);
    }
  }
  if (ipam.strings('LinkLocalIPs').length > 0) {
    throw notImplemented(`EndpointsConfig.${target}.IPAMConfig.LinkLocalIPs`);
  }
  const [address, address6] = [ipam.string('IPv4Address'), ipam.string('IPv6Address')];
  return {
    target,
    aliases: endpoint.strings('Aliases'),
    ...(address !== '' && { address }),
    ...(address6 !== '' && { address6 }),
  };
}

/** A port for all addresses of one family or both is one port here: it is reached by both. */
export function readPorts(bindings: Fields): readonly PortConfig[] {
  const ports = new Map<string, PortConfig>();
  for (const key of bindings.names()) {
    const { target, protocol } = readPortKey(key);
    const wanted = bindings.objects(key);
    if (wanted.length === 0) {
      ports.set(`${key} 0`, { name: '', protocol, target, published: 0, mode: 'host' });
    }
    for (const binding of wanted) {
      if (!ANY_ADDRESS.has(binding.string('HostIp'))) {
        throw notImplemented(
          `publishing port ${key} on the address ${binding.string('HostIp')} alone (HostIp)`,
        );
      }
      const published = readHostPort(key, binding.string('HostPort'));
      ports.set(`${key} ${published}`, { name: '', protocol, target, published, mode: 'host' });
    }
  }
  return [...ports.values()];
}

function readPortKey(key: string): { readonly target: number; readonly protocol: PortProtocol } {
  const [, digits = '', name = 'tcp'] = /^(\d{1,5})(?:\/([a-z]+))?$/.exec(key) ?? [];
  const target = Number(digits);
  const protocol = (['tcp', 'udp', 'sctp'] as const).find((one) => one === name);
  if (digits === '' || target < 1 || target > PORT_MAX || protocol === undefined) {
    throw new SkeinError('invalid', 'bad-port', `invalid port specification: "${key}"`);
  }
  return { target, protocol };
}

function readHostPort(key: string, text: string): number {
  if (/^\d+-\d+$/.test(text)) {
    throw notImplemented(`a free port out of the range ${text} for ${key}`);
  }
  const port = text === '' ? 0 : Number(text);
  if (!/^\d{0,5}$/.test(text) || port > PORT_MAX) {
    throw new SkeinError('invalid', 'bad-port', `invalid port specification: "${text}"`);
  }
  return port;
}
