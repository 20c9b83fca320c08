// The kinds of object that the cluster replicates, by the name of their table. The store, the snapshot
// and the wire all speak of tables by these names.
import type { Cluster } from './cluster.ts';
import type { Network } from './network.ts';
import type { Node } from './node.ts';
import type { Config, Secret } from './secret.ts';
import type { Service } from './service.ts';
import type { Task } from './task.ts';
import type { Volume } from './volume.ts';

export interface ModelObjects {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly service: Service;
  readonly task: Task;
  readonly network: Network;
  readonly secret: Secret;
  readonly config: Config;
  readonly volume: Volume;
}

export type TableName = keyof ModelObjects;

/** Every table, in the order in which snapshots list them. */
export const TABLE_NAMES = [
  'cluster',
  'node',
  'service',
  'task',
  'network',
  'secret',
  'config',
  'volume',
] as const satisfies readonly TableName[];
