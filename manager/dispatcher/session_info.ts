// What a session tells its agent of the cluster and of the node itself, read from the store.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Node } from '../../shared/model/node.ts';
import type { DispatcherMessage, ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { ReadView } from '../store/api.ts';

/** Managers that an agent may dial, by node id. */
export function managersOf(view: ReadView): readonly ManagerPeer[] {
  const managers: ManagerPeer[] = [];
  for (const node of view.all('node')) {
    if (node.managerStatus !== undefined && node.managerStatus.address !== '') {
      managers.push({ nodeId: node.id, address: node.managerStatus.address });
    }
  }
  return managers;
}

/** `overlayIndex` is 0 until the allocator gave the node one. */
export function sessionInfo(
  node: Node,
  cluster: Cluster,
  managers: readonly ManagerPeer[],
): DispatcherMessage & { readonly kind: 'session' } {
  return {
    kind: 'session',
    managers,
    desiredRole: node.spec.desiredRole,
    availability: node.spec.availability,
    overlayIndex: node.overlayIndex ?? 0,
    dataPathPort: cluster.dataPathPort,
    rootCertPem: cluster.rootCa.certPem,
  };
}

/** The one Cluster object. */
export function clusterOf(view: ReadView): Cluster | undefined {
  for (const cluster of view.all('cluster')) {
    return cluster;
  }
  return undefined;
}
