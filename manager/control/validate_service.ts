// Is this service spec sound by itself? Pure checks; what depends on other objects (names, ports, networks,
// secrets) is checked where the transaction is.
import type { EndpointSpec, PortConfig } from '../../shared/model/endpoint.ts';
import type { ServiceMode, ServiceSpec, UpdateConfig } from '../../shared/model/service.ts';
import { invalid } from './errors.ts';
import { checkDnsName, checkLabels } from './names.ts';
import { validateTask } from './validate_task.ts';

/** As many tasks as one cluster is built for; more is a slip of the hand. */
export const MAX_REPLICAS = 100_000;
const MAX_PORT = 65_535;
/** A service with more is refused rather than compiled into the kernel's tables of every node. */
const MAX_PORTS = 4_096;

export function validateServiceSpec(spec: ServiceSpec): void {
  checkDnsName(spec.name);
  checkLabels(spec);
  validateMode(spec.mode);
  validateTask(spec.task);
  validateUpdate('update', spec.update);
  validateUpdate('rollback', spec.rollback);
  validateEndpoint(spec.endpoint);
}

function validateMode(mode: ServiceMode): void {
  if (mode.kind !== 'replicated') {
    return;
  }
  if (!Number.isInteger(mode.replicas) || mode.replicas < 0 || mode.replicas > MAX_REPLICAS) {
    throw invalid(`Number of replicas must be between 0 and ${MAX_REPLICAS}: ${mode.replicas}`);
  }
}

function validateUpdate(what: 'update' | 'rollback', config: UpdateConfig | undefined): void {
  if (config === undefined) {
    return;
  }
  if (!Number.isInteger(config.parallelism) || config.parallelism < 0) {
    throw invalid(`TaskSpec: ${what}-parallelism must be a whole number and not negative`);
  }
  if (!(config.delayMs >= 0)) {
    throw invalid(`TaskSpec: ${what}-delay cannot be negative`);
  }
  if (!(config.monitorMs >= 0)) {
    throw invalid(`TaskSpec: ${what}-monitor cannot be negative`);
  }
  if (!(config.maxFailureRatio >= 0 && config.maxFailureRatio <= 1)) {
    throw invalid(`TaskSpec: ${what}-maxfailureratio cannot be less than 0 or bigger than 1`);
  }
  const actions = what === 'update' ? ['pause', 'continue', 'rollback'] : ['pause', 'continue'];
  if (!actions.includes(config.failureAction)) {
    throw invalid(
      `TaskSpec: unrecognized ${what}-failure-action '${config.failureAction}': use ${actions.join(' or ')}`,
    );
  }
  if (!['stop-first', 'start-first'].includes(config.order)) {
    throw invalid(`TaskSpec: unrecognized ${what}-order '${config.order}': use stop-first or start-first`);
  }
}

function validateEndpoint(endpoint: EndpointSpec | undefined): void {
  if (endpoint === undefined) {
    return;
  }
  if (!['vip', 'dnsrr'].includes(endpoint.mode)) {
    throw invalid(`EndpointSpec: unrecognized endpoint mode '${endpoint.mode}': use vip or dnsrr`);
  }
  if (endpoint.ports.length > MAX_PORTS) {
    throw invalid(`EndpointSpec: ${endpoint.ports.length} ports published: at most ${MAX_PORTS} are allowed`);
  }
  const published = new Set<string>();
  for (const port of endpoint.ports) {
    validatePort(port);
    if (endpoint.mode === 'dnsrr' && port.mode === 'ingress') {
      throw invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
    }
    if (port.published === 0) {
      continue;
    }
    // One published port may lead to one target only, whatever its mode: Swarm refuses a mix of both too.
    const key = `${port.protocol}/${port.published}`;
    if (published.has(key)) {
      throw invalid('EndpointSpec: duplicate published ports provided');
    }
    published.add(key);
  }
}

function validatePort(port: PortConfig): void {
  if (!['tcp', 'udp', 'sctp'].includes(port.protocol)) {
    throw invalid(`EndpointSpec: invalid protocol '${port.protocol}': use tcp, udp or sctp`);
  }
  if (!['ingress', 'host'].includes(port.mode)) {
    throw invalid(`EndpointSpec: invalid publish mode '${port.mode}': use ingress or host`);
  }
  if (!isPort(port.target) || port.target === 0) {
    throw invalid(`EndpointSpec: invalid target port ${port.target}: must be between 1 and ${MAX_PORT}`);
  }
  if (!isPort(port.published)) {
    throw invalid(
      `EndpointSpec: invalid published port ${port.published}: must be between 1 and ${MAX_PORT}`,
    );
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= MAX_PORT;
}
