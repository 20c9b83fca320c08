// The calls on networks. Subnets and VNIs are the allocator's; here is only refused what cannot be.
import { newId } from '../../shared/ids.ts';
import { type Cidr, cidrsOverlap, parseCidr } from '../../shared/model/cidr.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Network, NetworkSpec } from '../../shared/model/network.ts';
import { type Task, taskStateRank } from '../../shared/model/task.ts';
import type { ListRequest, Reference } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { ReadView } from '../store/api.ts';
import type { CallRunner } from './context.ts';
import { inUse, nameTaken, notPermitted } from './errors.ts';
import { compileFilters, type FilterRules, labelRule } from './filters.ts';
import { sameName } from './names.ts';
import { resolve } from './reference.ts';
import { validateNetworkSpec } from './validate_network.ts';

/** Docker matches network ids and names by part. */
const rules = (view: ReadView): FilterRules<Network> => ({
  id: { test: (network, value) => network.id.includes(value) },
  name: { test: (network, value) => network.spec.name.includes(value) },
  label: labelRule((network) => network.spec.labels),
  driver: { test: (network, value) => network.spec.driver === value },
  scope: { test: (_network, value) => value === 'swarm', values: ['swarm', 'global', 'local'] },
  // The predefined networks are the nodes' own and no objects of the cluster.
  type: { test: (_network, value) => value === 'custom', values: ['custom', 'builtin'] },
  dangling: {
    test: (network, value) => isDangling(view, network) === (value === 'true' || value === '1'),
    values: ['true', 'false', '1', '0'],
  },
});

/** Used by no service and no task; the ingress network is never. */
function isDangling(view: ReadView, network: Network): boolean {
  const used = view.servicesByNetwork(network.id).length > 0 || view.tasksByNetwork(network.id).length > 0;
  return !used && !network.spec.ingress;
}

export class NetworkCalls {
  private readonly calls: CallRunner;

  constructor(calls: CallRunner) {
    this.calls = calls;
  }

  list(request: ListRequest, context: CallContext): Promise<readonly Network[]> {
    return this.calls.read(context, (view) =>
      [...view.all('network')].filter(compileFilters(request.filters, rules(view))),
    );
  }

  get(request: Reference, context: CallContext): Promise<Network> {
    return this.calls.read(context, (view) => resolve(view, 'network', request.ref));
  }

  async create(request: { readonly spec: NetworkSpec }, context: CallContext): Promise<Network> {
    validateNetworkSpec(request.spec);
    const id = newId(this.calls.random);
    return this.calls.writeObject(context, 'network', (tx) => {
      checkBesideOthers(tx, request.spec);
      const meta = { version: 0, createdAt: 0, updatedAt: 0 };
      tx.create('network', { id, meta, spec: request.spec, subnets: [] });
      return id;
    });
  }

  async remove(request: Reference, context: CallContext): Promise<void> {
    await this.calls.write(context, (tx) => {
      const network = resolve(tx, 'network', request.ref);
      checkUnused(tx, network);
      tx.remove('network', network.id);
    });
  }
}

function checkBesideOthers(view: ReadView, spec: NetworkSpec): void {
  const subnets = subnetsOfSpec(spec);
  for (const other of view.all('network')) {
    if (sameName(other.spec.name, spec.name)) {
      throw nameTaken(`network with name ${other.spec.name} already exists`);
    }
    if (spec.ingress && other.spec.ingress) {
      throw nameTaken(`ingress network (${other.spec.name}) is already present`);
    }
    const taken = [...subnetsOfSpec(other.spec), ...prefixes(other.subnets.map(({ subnet }) => subnet))];
    if (taken.some((one) => subnets.some((two) => cidrsOverlap(one, two)))) {
      throw notPermitted(
        `Pool overlaps with other one on this address space: network ${other.spec.name} holds it`,
      );
    }
  }
}

function subnetsOfSpec(spec: NetworkSpec): readonly Cidr[] {
  return prefixes(spec.ipam.configs.map((config) => config.subnet ?? ''));
}

function prefixes(texts: readonly string[]): readonly Cidr[] {
  return texts.map((text) => parseCidr(text)).filter((cidr) => cidr !== undefined);
}

function checkUnused(view: ReadView, network: Network): void {
  const { name } = network.spec;
  if (network.spec.ingress) {
    checkIngressUnused(view);
  }
  const [service] = view
    .servicesByNetwork(network.id)
    .filter((one) => attaches(one.spec.task.networks, network.id));
  if (service !== undefined) {
    throw inUse(`network ${name} is in use by service ${service.spec.name}`);
  }
  const running = taskStateRank('running');
  const task = view
    .tasksByNetwork(network.id)
    .find((one) => taskStateRank(one.desiredState) <= running && taskStateRank(one.status.state) <= running);
  if (task !== undefined) {
    throw inUse(`network ${name} is in use by task ${describe(view, task)}`);
  }
}

/** No command shows the tasks of plain containers: those are named. */
function describe(view: ReadView, { id, name, nodeId, attachment }: Task): string {
  const host = view.get('node', nodeId)?.description?.hostname ?? nodeId;
  return attachment === undefined ? name : `${id}: container ${attachment.containerName} on node ${host}`;
}

function checkIngressUnused(view: ReadView): void {
  for (const service of view.all('service')) {
    if (service.spec.endpoint?.ports.some((port) => port.mode === 'ingress')) {
      throw inUse(`ingress network cannot be removed because service ${service.spec.name} depends on it`);
    }
  }
}

/** A service that has just left the network may still hold an address there; that does not keep it. */
function attaches(attachments: readonly { readonly target: string }[], networkId: Id): boolean {
  return attachments.some((attachment) => attachment.target === networkId);
}
