// Which keys an object is found by, table by table. Pure functions: state and overlays share them, so that
// a transaction sees its own writes through the same indexes as everyone sees the committed ones.
import type { Service } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';
import type { TableName, Tables } from './api.ts';

export const INDEX_NAMES = [
  'name',
  'service',
  'node',
  'slot',
  'desiredState',
  'network',
  'secret',
  'config',
] as const;
export type IndexName = (typeof INDEX_NAMES)[number];

export type KeysOf<T extends TableName> = (object: Tables[T]) => readonly string[];

type TableIndexes = { readonly [T in TableName]: { readonly [I in IndexName]?: KeysOf<T> } };

/** Key of the slot index. */
export function slotKey(serviceId: string, slot: number): string {
  return `${serviceId}/${slot}`;
}

export const INDEXES: TableIndexes = {
  cluster: { name: (cluster) => [cluster.spec.name] },
  node: { name: (node) => (node.description === undefined ? [] : [node.description.hostname]) },
  service: {
    name: (service) => [service.spec.name],
    network: networksOfService,
    secret: (service) => service.spec.task.container.secrets.map((reference) => reference.secretId),
    config: (service) => service.spec.task.container.configs.map((reference) => reference.configId),
  },
  task: {
    // Containers of nodes are called as their users like.
    name: (task) => (task.attachment === undefined ? [task.name] : []),
    service: (task) => (task.serviceId === '' ? [] : [task.serviceId]),
    node: (task) => (task.nodeId === '' ? [] : [task.nodeId]),
    slot: (task: Task) => (task.serviceId === '' ? [] : [slotKey(task.serviceId, task.slot)]),
    desiredState: (task) => [task.desiredState],
    network: (task) => task.networks.map((attachment) => attachment.networkId),
    secret: (task) => task.spec.container.secrets.map((reference) => reference.secretId),
    config: (task) => task.spec.container.configs.map((reference) => reference.configId),
  },
  network: { name: (network) => [network.spec.name] },
  secret: { name: (secret) => [secret.spec.name] },
  config: { name: (config) => [config.spec.name] },
  volume: { name: (volume) => [volume.spec.name] },
};

/** Networks a service asks for, and those it still holds a virtual address on. */
function networksOfService(service: Service): readonly string[] {
  const asked = service.spec.task.networks.map((attachment) => attachment.target);
  const held = service.endpoint?.virtualIps.map((virtualIp) => virtualIp.networkId) ?? [];
  return [...asked, ...held];
}

/** Keys of an object in one index; none when the table has no such index. */
export function keysOf<T extends TableName>(
  table: T,
  index: IndexName,
  object: Tables[T],
): readonly string[] {
  const keys: KeysOf<T> | undefined = INDEXES[table][index];
  return keys === undefined ? [] : keys(object);
}
