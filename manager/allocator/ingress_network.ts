// The network of the routing mesh, made once with the cluster (as Swarm does at `init`); a user who removes
// it may make another.
import { newId } from '../../shared/ids.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Random } from '../../shared/random.ts';
import type { WriteTransaction } from '../store/api.ts';

export const INGRESS_NETWORK_NAME = 'ingress';

/** For the transaction that creates the cluster; the allocator gives the network its subnet afterwards. */
export function createIngressNetwork(tx: WriteTransaction, random: Random): Network {
  const network: Network = {
    id: newId(random),
    meta: { version: 0, createdAt: tx.now, updatedAt: tx.now },
    spec: {
      name: INGRESS_NETWORK_NAME,
      labels: {},
      driver: 'overlay',
      driverOptions: {},
      // Callers of either family reach published ports; where no host has IPv6 nothing of it is seen.
      ipv6: true,
      internal: false,
      attachable: false,
      ingress: true,
      ipam: { driver: 'default', options: {}, configs: [] },
    },
    subnets: [],
  };
  tx.create('network', network);
  return network;
}
