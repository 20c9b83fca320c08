// The containers that are no tasks in a network's view: each an endpoint with names of its own, in the place of a
// service that has neither name nor virtual address. Services' and tasks' names are theirs: what a container is called
// alike is left out, since any worker may name its containers as it likes.
import { aliasesOf } from '../../shared/model/attachment.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Task } from '../../shared/model/task.ts';
import type { ViewEndpoint, ViewService } from '../../shared/model/view.ts';

/**
 * @param services of the network, whose names come first
 * @param endpointOf the task's endpoint on the network; undefined when it has none (yet)
 */
export function containerEntries(
  network: Network,
  tasks: readonly Task[],
  services: readonly ViewService[],
  endpointOf: (task: Task) => ViewEndpoint | undefined,
): readonly ViewService[] {
  if (tasks.length === 0) {
    return [];
  }
  const reserved = reservedNames(network, services);
  const isFree = (name: string) => !reserved.has(name.toLowerCase());
  return tasks.flatMap((task) => {
    const endpoint = endpointOf(task);
    const { attachment } = task;
    if (endpoint === undefined || attachment === undefined) {
      return [];
    }
    const taskName = isFree(attachment.containerName) ? attachment.containerName : '';
    const aliases = aliasesOf(attachment).filter(isFree);
    return { ...NAMELESS, serviceId: task.id, endpoints: [{ ...endpoint, taskName, aliases }] };
  });
}

const NAMELESS = { name: '', mode: 'dnsrr', virtualIps: [], aliases: [], ports: [] } as const;

/** In lower case, also with the network's name behind, as DNS answers them. */
function reservedNames(network: Network, services: readonly ViewService[]): ReadonlySet<string> {
  const suffix = `.${network.spec.name}`;
  const reserved = new Set<string>();
  const reserve = (name: string) => {
    reserved.add(name.toLowerCase());
    reserved.add(`${name}${suffix}`.toLowerCase());
  };
  for (const service of services) {
    for (const name of [service.name, ...service.aliases]) {
      reserve(name);
      reserve(`tasks.${name}`);
    }
    for (const { taskName, taskId } of service.endpoints) {
      reserve(taskName);
      reserve(taskId);
    }
  }
  return reserved;
}
