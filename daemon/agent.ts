// The agent's parts list: task database and manager, the session with the leader, and the connections it
// goes over. One is made each time the node enters a cluster.
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import type { CurrentIdentity } from '../shared/identity/identity.ts';
import type { Logger } from '../shared/log.ts';
import type { NodeDescription } from '../shared/model/node.ts';
import type { Task } from '../shared/model/task.ts';
import type { Random } from '../shared/random.ts';
import { Agent } from '../worker/agent/agent.ts';
import { LogPublisher } from '../worker/agent/log_publisher.ts';
import { TaskDatabase } from '../worker/agent/task_database.ts';
import { TaskManager } from '../worker/agent/task_manager.ts';
import type { AttachmentClaims } from '../worker/attachment/api.ts';
import type { ImageStore } from '../worker/image/api.ts';
import type { LinuxNetworkPlane } from '../worker/network/plane.ts';
import type { ContainerRuntime } from '../worker/runtime/runtime.ts';
import type { LocalVolumes } from '../worker/volume/local_volumes.ts';
import { DEFAULT_CLUSTER_PORT, parseHostPort } from './host_addresses.ts';
import { ManagerConnections } from './manager_connections.ts';
import type { NodeNetwork } from './node_network.ts';
import type { NodeState } from './node/state_file.ts';
import type { AgentHandle } from './node/membership.ts';

export interface AgentParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly images: ImageStore;
  readonly volumes: LocalVolumes;
  readonly runtime: ContainerRuntime;
  readonly attachments: AttachmentClaims;
  readonly network: NodeNetwork;
  readonly describe: (trustRootPem: string) => NodeDescription;
}

/** Where a node keeps what it runs. */
export interface NodePlace {
  readonly root: string;
}

export interface AgentPlace extends NodePlace {
  readonly identity: CurrentIdentity;
  readonly state: NodeState;
}

/** @returns the agent, not yet started; `start` takes up the tasks that live before it looks for the leader */
export function createAgent(
  parts: AgentParts,
  place: AgentPlace,
): AgentHandle & { readonly tasks: () => readonly Task[] } {
  const { clock, random, log, runtime } = parts;
  const { identity, state, root } = place;
  const { nodeId, rootPem } = identity.get();
  const description = parts.describe(rootPem);
  const { network, tasks } = localParts(parts, { root }, { nodeId, description });
  const connections = new ManagerConnections({ clock, identity });
  const agent = new Agent(
    {
      clock,
      random,
      logger: log,
      dialer: connections,
      tasks,
      network,
      attachments: parts.attachments,
      logs: new LogPublisher({ clock, logger: log, tasks, runtime }, { nodeId }),
    },
    {
      nodeId,
      managers: state.managers,
      description,
      address: parseHostPort(state.advertiseAddress, 'address', DEFAULT_CLUSTER_PORT).host,
      vtepAddress: state.dataPathAddress,
    },
  );
  const unsubscribe = identity.onChange((renewed) => agent.describe(parts.describe(renewed.rootPem)));
  return {
    onSession: (listener) => agent.onSession(listener),
    checkNetworks: () => network.report(),
    tasks: () => tasks.list(),
    start: async () => {
      await parts.network.started();
      await tasks.start();
      await agent.start();
    },
    stop: async () => {
      unsubscribe();
      await agent.stop();
      await tasks.stop();
      connections.close();
    },
    handOver: () => agent.handOver(),
    leave: async () => {
      unsubscribe();
      await agent.leave();
      await tasks.endAll();
      await tasks.stop();
      await parts.network.leave();
      connections.close();
      await rm(join(root, 'agent'), { recursive: true, force: true });
    },
  };
}

/** What works without a cluster: the tasks that this node has, and their networks. */
function localParts(
  { clock, log, images, volumes, runtime, network: { plane } }: AgentParts,
  { root }: NodePlace,
  { nodeId, description }: { readonly nodeId: string; readonly description: NodeDescription },
): { readonly network: LinuxNetworkPlane; readonly tasks: TaskManager } {
  const tasks = new TaskManager({
    clock,
    logger: log,
    runtime,
    images,
    network: plane,
    volumes,
    database: new TaskDatabase({ logger: log }, { root }),
    node: () => ({
      id: nodeId,
      hostname: hostname(),
      os: description.platform.os,
      architecture: description.platform.architecture,
    }),
  });
  return { network: plane, tasks };
}

/** Ends what runs on a node that leaves without ever having been its cluster's member in this process. */
export async function endRemains(parts: AgentParts, place: NodePlace): Promise<void> {
  const { tasks } = localParts(parts, place, { nodeId: '', description: parts.describe('') });
  await parts.network.started();
  await tasks.start();
  await tasks.endAll();
  await tasks.stop();
  parts.attachments.leave();
  await parts.network.leave();
  await rm(join(place.root, 'agent'), { recursive: true, force: true });
}
