// What is not yet as it should be once all faults are over: leadership, membership, replicas, containers.

import type { ReadView } from '../../manager/store/api.ts';
import { isTerminal } from '../../shared/model/task.ts';
import type { Host } from './host.ts';

/** The first thing that is missing; undefined when everything rests. */
export function restlessness(hosts: readonly Host[]): string | undefined {
  const managers = hosts.filter(({ role }) => role === 'manager');
  const leader = managers.find((host) => host.manager?.leads === true);
  if (leader?.manager === undefined) {
    return 'nobody leads';
  }
  const { view } = leader.manager.parts.store;
  return (
    membership(leader, hosts, view) ??
    sameStores(managers) ??
    nodes(hosts, view) ??
    services(view) ??
    containers(hosts, view) ??
    plainContainers(hosts, view)
  );
}

function membership(leader: Host, hosts: readonly Host[], view: ReadView): string | undefined {
  for (const host of hosts) {
    const wanted = view.get('node', host.nodeId)?.spec.desiredRole;
    if (wanted !== host.role) {
      return `${host.name} is ${host.role} and should be ${wanted}`;
    }
  }
  const members = leader.manager?.raft?.status().members ?? [];
  const ids = members.filter(({ learner }) => !learner).map(({ nodeId }) => nodeId);
  const expected = hosts.filter(({ role }) => role === 'manager').map(({ nodeId }) => nodeId);
  return ids.length === members.length && ids.toSorted().join() === expected.toSorted().join()
    ? undefined
    : `raft has the members ${members.map(({ nodeId, learner }) => nodeId + (learner ? '?' : '')).join()}, not ${expected.join()}`;
}

function sameStores(managers: readonly Host[]): string | undefined {
  const versions = managers.map(({ manager }) => manager?.parts.store.version);
  return versions.every((version) => version !== undefined && version === versions[0])
    ? undefined
    : `stores are at ${versions.join()}`;
}

function nodes(hosts: readonly Host[], view: ReadView): string | undefined {
  if (view.count('node') !== hosts.length) {
    return `the store has ${view.count('node')} nodes, and ${hosts.length} machines stand`;
  }
  for (const { nodeId } of hosts) {
    const node = view.get('node', nodeId);
    if (node?.status.state !== 'ready' || node.spec.availability !== 'active') {
      return `${nodeId} is ${node?.status.state} and ${node?.spec.availability}`;
    }
  }
  return undefined;
}

function services(view: ReadView): string | undefined {
  for (const service of view.all('service')) {
    const tasks = view.tasksByService(service.id);
    const running = tasks.filter(
      (task) => task.desiredState === 'running' && task.status.state === 'running',
    );
    const { mode } = service.spec;
    const wanted = mode.kind === 'replicated' ? mode.replicas : view.count('node');
    const places = new Set(running.map((task) => (mode.kind === 'global' ? task.nodeId : task.slot)));
    if (running.length !== wanted || places.size !== wanted) {
      const states = tasks.map(
        (task) => `${task.slot} ${task.status.state}/${task.desiredState} ${task.nodeId}`,
      );
      return `${service.spec.name} has ${running.length} of ${wanted} running: ${states.join(', ')}`;
    }
    if (service.updateStatus?.state === 'updating') {
      return `${service.spec.name} is being updated`;
    }
  }
  for (const task of view.all('task')) {
    const ends = task.desiredState !== 'running' && !isTerminal(task.status.state);
    if (ends) {
      return `task ${task.id} of ${task.serviceName} is ${task.status.state} and should be ${task.desiredState}`;
    }
  }
  return undefined;
}

function containers(hosts: readonly Host[], view: ReadView): string | undefined {
  for (const host of hosts) {
    const wanted = view
      .tasksByNode(host.nodeId)
      .filter((task) => task.desiredState === 'running' && task.status.state === 'running')
      .filter(({ attachment }) => attachment === undefined)
      .map(({ id }) => id);
    const have = host.containers.running().map(({ id }) => id);
    if (wanted.toSorted().join() !== have.toSorted().join()) {
      return `${host.name} runs ${have.length} containers, the store knows ${wanted.length}`;
    }
  }
  return undefined;
}

/** Each holds what it was given, and nothing else is held. */
function plainContainers(hosts: readonly Host[], view: ReadView): string | undefined {
  for (const { name, nodeId, plainContainers: machine } of hosts) {
    if (machine.busy > 0) {
      return `${name} is starting ${machine.busy} plain containers`;
    }
    const have = [...machine.living].map(
      ([id, addresses]) => `${id.slice(0, 6)} ${addresses.join()} running`,
    );
    const held = view
      .tasksByNode(nodeId)
      .flatMap(({ attachment, networks, status }) =>
        attachment === undefined
          ? []
          : [`${attachment.containerId.slice(0, 6)} ${networks[0]?.addresses.join()} ${status.state}`],
      );
    if (have.toSorted().join() !== held.toSorted().join()) {
      return `${name} has the plain containers ${have.join(', ')}; the store has ${held.join(', ')}`;
    }
  }
  return undefined;
}
