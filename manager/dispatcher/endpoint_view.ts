// The endpoint view of one network as the store has it now: pure reads, no memory. Whoever takes part in the
// network is told exactly this, so a replica gets traffic when it runs and loses it before it stops.
import type { Id } from '../../shared/model/meta.ts';
import { isEncrypted, type Network } from '../../shared/model/network.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Service } from '../../shared/model/service.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';
import type {
  EndpointState,
  NetworkView,
  ViewEncryption,
  ViewEndpoint,
  ViewNode,
  ViewService,
} from '../../shared/model/view.ts';
import type { ReadView } from '../store/api.ts';
import { containerEntries } from './container_endpoints.ts';
import { clusterOf } from './session_info.ts';

export type ViewContent = Omit<NetworkView, 'version'>;

const ASSIGNED_RANK = taskStateRank('assigned');

/** True for a task that is on its node or on its way there. */
export function isPlaced(task: Task): boolean {
  return (
    task.nodeId !== '' && taskStateRank(task.status.state) >= ASSIGNED_RANK && !isTerminal(task.status.state)
  );
}

/** How the task's endpoint stands; undefined when it is none. */
export function endpointState(task: Task): EndpointState | undefined {
  if (!isPlaced(task)) {
    return undefined;
  }
  if (isTerminal(task.desiredState)) {
    return 'draining';
  }
  return task.status.state === 'running' && task.desiredState === 'running' ? 'serving' : 'starting';
}

/** A node of which nobody has said that it is gone: after a leader change it is `unknown` for a while. */
export function isUp(node: Node): boolean {
  return node.status.state === 'ready' || node.status.state === 'unknown';
}

/** Nodes that need the view: those of placed tasks, and every one that is up for the routing mesh. */
export function recipientsOf(view: ReadView, networkId: Id): ReadonlySet<Id> {
  const network = view.get('network', networkId);
  const recipients = new Set<Id>();
  if (network?.vni === undefined) {
    return recipients;
  }
  for (const task of view.tasksByNetwork(networkId)) {
    if (isPlaced(task)) {
      recipients.add(task.nodeId);
    }
  }
  if (network.spec.ingress) {
    for (const node of view.all('node')) {
      if (isUp(node)) {
        recipients.add(node.id);
      }
    }
  }
  return recipients;
}

/** Undefined for networks without overlay (predefined ones), not allocated yet, or encrypted and without keys yet. */
export function buildView(view: ReadView, networkId: Id): ViewContent | undefined {
  const network = view.get('network', networkId);
  if (network?.vni === undefined || network.subnets.length === 0) {
    return undefined;
  }
  const encryption = viewEncryption(view, network);
  if (encryption === undefined && isEncrypted(network.spec.driverOptions)) {
    return undefined;
  }
  const nodes = viewNodes(view, recipientsOf(view, networkId), encryption !== undefined);
  return {
    networkId,
    name: network.spec.name,
    vni: network.vni,
    subnets: network.subnets,
    internal: network.spec.internal,
    ingress: network.spec.ingress,
    driverOptions: network.spec.driverOptions,
    nodes,
    services: viewServices(view, network, new Set(nodes.map(({ nodeId }) => nodeId))),
    ...(encryption === undefined ? {} : { encryption }),
  };
}

/** The cluster's keys, for encrypted networks alone. */
function viewEncryption(view: ReadView, network: Network): ViewEncryption | undefined {
  const keyring = isEncrypted(network.spec.driverOptions) ? clusterOf(view)?.networkKeys : undefined;
  return keyring && { keys: keyring.keys, sending: keyring.sending };
}

/** Those of the nodes that are up and whose VTEP is known. */
function viewNodes(view: ReadView, nodeIds: ReadonlySet<Id>, isEncryptedView: boolean): readonly ViewNode[] {
  const nodes: ViewNode[] = [];
  for (const nodeId of [...nodeIds].sort()) {
    const node = view.get('node', nodeId);
    if (node?.overlayIndex !== undefined && node.vtepAddress !== undefined && isUp(node)) {
      const { overlayIndex, vtepAddress, encryption } = node;
      nodes.push({
        nodeId,
        overlayIndex,
        vtepAddress,
        ...(isEncryptedView && encryption !== undefined ? { incarnation: encryption.incarnation } : {}),
      });
    }
  }
  return nodes;
}

function viewServices(view: ReadView, network: Network, reachable: ReadonlySet<Id>): readonly ViewService[] {
  const endpoints = new Map<Id, Task[]>();
  const containers: Task[] = [];
  for (const task of view.tasksByNetwork(network.id)) {
    if (!isPlaced(task) || !reachable.has(task.nodeId)) {
      continue;
    }
    if (task.attachment !== undefined) {
      containers.push(task);
    } else {
      const tasks = endpoints.get(task.serviceId) ?? [];
      tasks.push(task);
      endpoints.set(task.serviceId, tasks);
    }
  }
  const services: ViewService[] = [];
  const takenIps = new Set<string>();
  for (const service of new Set(view.servicesByNetwork(network.id))) {
    const tasks = endpoints.get(service.id) ?? [];
    endpoints.delete(service.id);
    const built = ofService(service, network, tasks);
    services.push(built);
    for (const address of built.virtualIps) {
      takenIps.add(address);
    }
  }
  // Services that were removed, or left the network: their last tasks keep their connections until they end.
  for (const [serviceId, tasks] of endpoints) {
    services.push(ofRemainder(serviceId, view.get('service', serviceId), network, tasks, takenIps));
  }
  services.push(
    ...containerEntries(network, containers, services, (task) => viewEndpoints(network.id, [task])[0]),
  );
  return services.sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
}

function ofService(service: Service, network: Network, tasks: readonly Task[]): ViewService {
  const config = service.spec.task.networks.find(({ target }) => target === network.id);
  const endpoint = service.endpoint;
  return {
    serviceId: service.id,
    name: service.spec.name,
    mode: endpoint?.spec.mode ?? service.spec.endpoint?.mode ?? 'vip',
    virtualIps: addressesOn(network.id, endpoint?.virtualIps ?? []),
    aliases: config?.aliases ?? [],
    ports: network.spec.ingress ? (endpoint?.ports ?? []).filter(({ mode }) => mode === 'ingress') : [],
    endpoints: viewEndpoints(network.id, tasks),
  };
}

function ofRemainder(
  serviceId: Id,
  service: Service | undefined,
  network: Network,
  tasks: readonly Task[],
  takenIps: ReadonlySet<string>,
): ViewService {
  const [newest] = tasks;
  const endpoint = newest?.endpoint;
  const config = newest?.spec.networks.find(({ target }) => target === network.id);
  return {
    serviceId,
    name: service?.spec.name ?? newest?.serviceName ?? '',
    mode: endpoint?.spec.mode ?? 'vip',
    virtualIps: addressesOn(network.id, endpoint?.virtualIps ?? []).filter(
      (address) => !takenIps.has(address),
    ),
    aliases: config?.aliases ?? [],
    ports: [],
    endpoints: viewEndpoints(network.id, tasks),
  };
}

function viewEndpoints(networkId: Id, tasks: readonly Task[]): readonly ViewEndpoint[] {
  const endpoints: ViewEndpoint[] = [];
  for (const task of tasks) {
    const state = endpointState(task);
    const attachment = task.networks.find((candidate) => candidate.networkId === networkId);
    if (state === undefined || attachment === undefined || attachment.addresses.length === 0) {
      continue;
    }
    endpoints.push({
      taskId: task.id,
      taskName: task.name,
      slot: task.slot,
      nodeId: task.nodeId,
      addresses: attachment.addresses.map(withoutLength),
      state,
      aliases: [],
    });
  }
  return endpoints.sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
}

function addressesOn(
  networkId: Id,
  virtualIps: readonly { readonly networkId: Id; readonly address: string }[],
): readonly string[] {
  return virtualIps
    .filter((held) => held.networkId === networkId)
    .map(({ address }) => withoutLength(address));
}

function withoutLength(cidr: string): string {
  const slash = cidr.indexOf('/');
  return slash === -1 ? cidr : cidr.slice(0, slash);
}
