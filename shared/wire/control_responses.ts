// Codecs of what operators are told, but for single objects: lists, warnings, events, a manager's state.
import type { Network } from '../model/network.ts';
import type { Node } from '../model/node.ts';
import type { Config, Secret } from '../model/secret.ts';
import type { Service } from '../model/service.ts';
import type { Task } from '../model/task.ts';
import type { ClusterEvent, ListedService, ManagerState } from '../protocol/control.ts';
import { decodeTime, encodeTime, enumCodec, integer, nonEmpty, required } from './fields.ts';
import type { EventAction__Output } from './generated/skein/v1/EventAction.ts';
import type { EventType__Output } from './generated/skein/v1/EventType.ts';
import type { ListedService__Output } from './generated/skein/v1/ListedService.ts';
import { messages } from './messages.ts';
import { decodeNetwork, encodeNetwork } from './network.ts';
import { decodeNode, encodeNode } from './node.ts';
import type { Encoded } from './schema.ts';
import { bytesCodec } from './schema.ts';
import { decodeConfig, decodeSecret, encodeConfig, encodeSecret } from './secret.ts';
import { decodeService, encodeService } from './service.ts';
import { decodeTask, encodeTask } from './task.ts';

export const nodeList = bytesCodec(
  messages.message('ListNodesResponse'),
  (nodes: readonly Node[]) => ({ nodes: nodes.map(encodeNode) }),
  (wire): readonly Node[] => wire.nodes.map(decodeNode),
);

export const taskList = bytesCodec(
  messages.message('ListTasksResponse'),
  (tasks: readonly Task[]) => ({ tasks: tasks.map(encodeTask) }),
  (wire): readonly Task[] => wire.tasks.map(decodeTask),
);

export const networkList = bytesCodec(
  messages.message('ListNetworksResponse'),
  (networks: readonly Network[]) => ({ networks: networks.map(encodeNetwork) }),
  (wire): readonly Network[] => wire.networks.map(decodeNetwork),
);

export const secretList = bytesCodec(
  messages.message('ListSecretsResponse'),
  (secrets: readonly Secret[]) => ({ secrets: secrets.map(encodeSecret) }),
  (wire): readonly Secret[] => wire.secrets.map(decodeSecret),
);

export const configList = bytesCodec(
  messages.message('ListConfigsResponse'),
  (configs: readonly Config[]) => ({ configs: configs.map(encodeConfig) }),
  (wire): readonly Config[] => wire.configs.map(decodeConfig),
);

function encodeListed({ service, status }: ListedService): Encoded<ListedService__Output> {
  return {
    service: encodeService(service),
    status: status && {
      runningTasks: status.runningTasks,
      desiredTasks: status.desiredTasks,
      completedTasks: status.completedTasks,
    },
  };
}

function decodeListed(wire: ListedService__Output): ListedService {
  const service = decodeService(required(wire.service, 'ListedService.service'));
  if (!wire.status) {
    return { service };
  }
  return {
    service,
    status: {
      runningTasks: integer(wire.status.runningTasks, 'ServiceStatusCounts.running_tasks'),
      desiredTasks: integer(wire.status.desiredTasks, 'ServiceStatusCounts.desired_tasks'),
      completedTasks: integer(wire.status.completedTasks, 'ServiceStatusCounts.completed_tasks'),
    },
  };
}

export const serviceList = bytesCodec(
  messages.message('ListServicesResponse'),
  (services: readonly ListedService[]) => ({ services: services.map(encodeListed) }),
  (wire): readonly ListedService[] => wire.services.map(decodeListed),
);

/** What creating or updating a service answers. */
interface ServiceResponse {
  readonly service: Service;
  readonly warnings: readonly string[];
}

export const serviceResponse = bytesCodec(
  messages.message('ServiceResponse'),
  (response: ServiceResponse) => ({
    service: encodeService(response.service),
    warnings: response.warnings,
  }),
  (wire): ServiceResponse => ({
    service: decodeService(required(wire.service, 'ServiceResponse.service')),
    warnings: wire.warnings,
  }),
);

export const unlockKeyResponse = bytesCodec(
  messages.message('UnlockKey'),
  ({ unlockKey }: { readonly unlockKey: string }) => ({ unlockKey }),
  ({ unlockKey }) => ({ unlockKey }),
);

const eventType = enumCodec<EventType__Output, ClusterEvent['type']>()({
  EVENT_TYPE_UNSPECIFIED: undefined,
  EVENT_TYPE_NODE: 'node',
  EVENT_TYPE_SERVICE: 'service',
  EVENT_TYPE_NETWORK: 'network',
  EVENT_TYPE_SECRET: 'secret',
  EVENT_TYPE_CONFIG: 'config',
});

const eventAction = enumCodec<EventAction__Output, ClusterEvent['action']>()({
  EVENT_ACTION_UNSPECIFIED: undefined,
  EVENT_ACTION_CREATE: 'create',
  EVENT_ACTION_UPDATE: 'update',
  EVENT_ACTION_REMOVE: 'remove',
});

export const clusterEvent = bytesCodec(
  messages.message('ClusterEvent'),
  (event: ClusterEvent) => ({
    type: eventType.encode(event.type),
    action: eventAction.encode(event.action),
    actor: { id: event.actor.id, attributes: event.actor.attributes },
    timeUs: encodeTime(event.time),
    index: event.index,
  }),
  (wire): ClusterEvent => {
    const { id, attributes } = required(wire.actor, 'ClusterEvent.actor');
    return {
      type: eventType.decode(wire.type, 'ClusterEvent.type'),
      action: eventAction.decode(wire.action, 'ClusterEvent.action'),
      actor: { id: nonEmpty(id, 'EventActor.id'), attributes },
      time: decodeTime(wire.timeUs, 'ClusterEvent.time'),
      index: integer(wire.index, 'ClusterEvent.index'),
    };
  },
);

export const managerState = bytesCodec(
  messages.message('ManagerState'),
  (state: ManagerState) => ({
    nodeId: state.nodeId,
    leader: state.leader,
    leaderNodeId: state.leaderNodeId,
    leaderAddress: state.leaderAddress,
    managers: state.managers,
    hasQuorum: state.hasQuorum,
  }),
  (wire): ManagerState => ({
    nodeId: nonEmpty(wire.nodeId, 'ManagerState.node_id'),
    leader: wire.leader,
    leaderNodeId: wire.leaderNodeId,
    leaderAddress: wire.leaderAddress,
    managers: integer(wire.managers, 'ManagerState.managers'),
    hasQuorum: wire.hasQuorum,
  }),
);
