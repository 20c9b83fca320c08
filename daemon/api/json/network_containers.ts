// Who of this node is on a network, as `docker network inspect` lists it: tasks, and containers that are none.
import { hostOf } from '../../../shared/model/cidr.ts';
import type { Id } from '../../../shared/model/meta.ts';
import { isTerminal, type Task, taskStateRank } from '../../../shared/model/task.ts';
import { taskMac } from '../../../worker/network/plan/addressing.ts';

const ASSIGNED_RANK = taskStateRank('assigned');

/** By the container's id. */
export function writeNetworkContainers(
  networkId: Id,
  nodeId: Id,
  tasks: readonly Task[],
): Record<string, unknown> {
  const entries = tasks.flatMap((task) => {
    const { state } = task.status;
    const isHere = task.nodeId === nodeId && !isTerminal(state) && taskStateRank(state) >= ASSIGNED_RANK;
    const attachment = isHere ? task.networks.find((one) => one.networkId === networkId) : undefined;
    const four = attachment?.addresses.find((address) => !address.includes(':'));
    if (attachment === undefined || four === undefined) {
      return [];
    }
    const value = {
      Name: task.attachment?.containerName ?? task.name,
      EndpointID: task.id,
      MacAddress: taskMac(hostOf(four)),
      IPv4Address: four,
      IPv6Address: attachment.addresses.find((address) => address.includes(':')) ?? '',
    };
    return [[task.attachment?.containerId ?? task.id, value] as const];
  });
  return Object.fromEntries(entries);
}
