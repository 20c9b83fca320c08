// Which balancer this kernel can run, by asking it.
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { balancerUnavailable } from '../errors.ts';
import { type Balancer, type BalancerProgram, nftBalancer } from './balancer.ts';
import { IpvsBalancer, clearIpvs, hasIpvs } from './ipvs_balancer.ts';

/** @throws SkeinError `balancer-unavailable` when the one asked for is not in the kernel */
export function chooseBalancer(wanted: BalancerProgram | 'auto', namespace: NamespaceRef): Balancer {
  if (wanted === 'nft') {
    return nftAfterIpvs();
  }
  if (hasIpvs(namespace)) {
    return new IpvsBalancer();
  }
  if (wanted === 'ipvs') {
    throw balancerUnavailable('IPVS');
  }
  return nftAfterIpvs();
}

/** Balancing by nft, where an earlier daemon may have balanced by IPVS: what that one left goes. */
function nftAfterIpvs(): Balancer {
  const cleared = new Set<string>();
  return {
    ...nftBalancer,
    reconcile: (namespacePath) => {
      if (!cleared.has(namespacePath)) {
        clearIpvs(namespacePath);
        cleared.add(namespacePath);
      }
    },
    forget: (namespacePath) => cleared.delete(namespacePath),
  };
}
