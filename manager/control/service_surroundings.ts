// What a service spec asks of other objects: a free name, free ports, networks, secrets and configs that
// are there. Reads only; resolves network names to ids.
import type { NetworkAttachmentConfig, PortConfig } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Service, ServiceSpec } from '../../shared/model/service.ts';
import type { ReadView } from '../store/api.ts';
import { invalid, nameTaken } from './errors.ts';
import { sameName } from './names.ts';
import { resolve } from './reference.ts';

/** Networks of every node, which no manager allocates; a service may use them by these names. */
export const NODE_LOCAL_NETWORKS: readonly string[] = ['host', 'none'];

export function checkServiceName(view: ReadView, name: string): void {
  for (const other of view.all('service')) {
    if (sameName(other.spec.name, name)) {
      throw nameTaken(`name conflicts with an existing object: service ${other.spec.name} already exists`);
    }
  }
}

/**
 * A published port belongs to one service: an ingress port conflicts with any port of another, a host
 * port with another's ingress port. Host ports of several services may be equal (the scheduler parts them).
 */
export function checkPorts(view: ReadView, spec: ServiceSpec, serviceId: Id): void {
  const wanted = (spec.endpoint?.ports ?? []).filter((port) => port.published !== 0);
  if (wanted.length === 0) {
    return;
  }
  const byKey = new Map(wanted.map((port) => [portKey(port), port]));
  for (const other of view.all('service')) {
    if (other.id === serviceId) {
      continue;
    }
    for (const taken of portsOf(other)) {
      const port = byKey.get(portKey(taken));
      if (port === undefined || (port.mode === 'host' && taken.mode === 'host')) {
        continue;
      }
      const how = taken.mode === 'ingress' ? 'as an ingress port' : 'as a host-published port';
      throw invalid(
        `port '${port.published}' is already in use by service '${other.spec.name}' (${other.id}) ${how}`,
      );
    }
  }
}

function portKey(port: PortConfig): string {
  return `${port.protocol}/${port.published}`;
}

/** Ports asked for and ports allocated: an update may have changed one and not yet the other. */
function portsOf(service: Service): readonly PortConfig[] {
  return [...(service.spec.endpoint?.ports ?? []), ...(service.endpoint?.ports ?? [])].filter(
    (port) => port.published !== 0,
  );
}

/** The spec with each network named by its id (`host` and `none` stay as they are); throws when one is not there. */
export function resolveNetworks(view: ReadView, spec: ServiceSpec): ServiceSpec {
  const networks = spec.task.networks.map((attachment) => resolveAttachment(view, attachment));
  const targets = networks.map((attachment) => attachment.target);
  const twice = targets.findIndex((target, position) => targets.indexOf(target) !== position);
  if (twice !== -1) {
    throw invalid(`network ${spec.task.networks[twice]?.target ?? ''} is given twice`);
  }
  const local = targets.find((target) => NODE_LOCAL_NETWORKS.includes(target));
  if (local !== undefined && targets.length > 1) {
    throw invalid(`network ${local} cannot be combined with other networks`);
  }
  return networks.length === 0 ? spec : { ...spec, task: { ...spec.task, networks } };
}

function resolveAttachment(view: ReadView, attachment: NetworkAttachmentConfig): NetworkAttachmentConfig {
  const { target } = attachment;
  if (NODE_LOCAL_NETWORKS.includes(target)) {
    return attachment;
  }
  if (target === 'bridge') {
    throw invalid('network bridge cannot be used for services: create an overlay network instead');
  }
  const network = resolve(view, 'network', target);
  if (network.spec.ingress) {
    throw invalid(`service cannot be explicitly attached to the ingress network "${network.spec.name}"`);
  }
  return { ...attachment, target: network.id };
}

export function checkSecrets(view: ReadView, spec: ServiceSpec): void {
  const missing = spec.task.container.secrets.filter(
    ({ secretId }) => view.get('secret', secretId) === undefined,
  );
  throwMissing(
    'secret',
    missing.map(({ secretName }) => secretName),
  );
}

export function checkConfigs(view: ReadView, spec: ServiceSpec): void {
  const missing = spec.task.container.configs.filter(
    ({ configId }) => view.get('config', configId) === undefined,
  );
  throwMissing(
    'config',
    missing.map(({ configName }) => configName),
  );
}

function throwMissing(noun: string, names: readonly string[]): void {
  if (names.length > 0) {
    throw invalid(`${noun}${names.length > 1 ? 's' : ''} not found: ${names.join(', ')}`);
  }
}
