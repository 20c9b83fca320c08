// Views and requests for tests, from a few words.
import type { NetworkView, ViewEndpoint, ViewService } from '../../../shared/model/view.ts';
import type { AttachRequest } from '../api.ts';

export interface ViewHost {
  readonly name: string;
  readonly index: number;
  readonly address: string;
}

/** A task of the test: `host` by number. */
export interface TestTask {
  readonly id: string;
  readonly host: number;
  readonly address: string;
  readonly state?: ViewEndpoint['state'];
}

export function endpointOf(task: TestTask, name: string, slot: number): ViewEndpoint {
  return {
    taskId: task.id,
    taskName: `${name}.${slot}.${task.id}`,
    slot,
    nodeId: `h${task.host}`,
    addresses: [task.address],
    state: task.state ?? 'serving',
    aliases: [],
  };
}

export function serviceOf(
  name: string,
  virtualIp: string,
  tasks: readonly TestTask[],
  more: Partial<ViewService> = {},
): ViewService {
  return {
    serviceId: `service-${name}`,
    name,
    mode: 'vip',
    virtualIps: [virtualIp],
    aliases: [],
    ports: [],
    endpoints: tasks.map((task, position) => endpointOf(task, name, position + 1)),
    ...more,
  };
}

export function viewOf(
  hosts: readonly ViewHost[],
  networkId: string,
  subnet: string,
  services: readonly ViewService[],
  more: Partial<NetworkView> = {},
): NetworkView {
  return {
    networkId,
    version: 1,
    name: networkId,
    vni: 4097,
    subnets: [{ subnet, gateway: subnet.replace(/\.0\/\d+$/, '.1') }],
    internal: false,
    ingress: false,
    driverOptions: {},
    nodes: hosts.map(({ name, index, address }) => ({
      nodeId: name,
      overlayIndex: index,
      vtepAddress: address,
    })),
    services,
    ...more,
  };
}

export function requestOf(
  taskId: string,
  networks: readonly (readonly [networkId: string, address: string])[],
  more: Partial<AttachRequest> = {},
): AttachRequest {
  return {
    taskId,
    taskName: `task.${taskId}`,
    hostname: taskId,
    networks: networks.map(([networkId, address]) => ({
      networkId,
      addresses: [`${address}/24`],
      aliases: [],
    })),
    hostPorts: [],
    sysctls: {},
    ...more,
  };
}
