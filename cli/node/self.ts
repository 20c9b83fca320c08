// `self` in the place of a node's name is the node that is asked.
import type { Client } from '../client/client.ts';
import type { Info, SwarmNode } from '../client/types.ts';
import { CliError } from '../errors.ts';

/** @throws CliError when this host is no node */
export async function nodeRef(api: Client, ref: string): Promise<string> {
  if (ref !== 'self') {
    return ref;
  }
  const id = (await api.get<Info>('/info')).Swarm?.NodeID ?? '';
  if (id === '') {
    throw new CliError(
      'this node is not part of a swarm: use `skein swarm init` or `skein swarm join` first',
    );
  }
  return id;
}

export async function getNode(api: Client, ref: string): Promise<SwarmNode> {
  return api.get<SwarmNode>(`/nodes/${encodeURIComponent(await nodeRef(api, ref))}`);
}

export async function nodeId(api: Client, ref: string): Promise<string> {
  return (await getNode(api, ref)).ID;
}
