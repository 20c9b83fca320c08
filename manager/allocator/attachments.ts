// Which network an attachment of a spec means, and whether it can be used yet.
import type { Id } from '../../shared/model/meta.ts';
import type { Network } from '../../shared/model/network.ts';
import type { ReadView } from '../store/api.ts';
import { isAllocated, type Ledger } from './ledger.ts';
import type { Wait } from './waiting.ts';

/** Networks of the node itself that are no objects of the cluster. */
const NODE_NETWORKS: ReadonlySet<string> = new Set(['host', 'none', 'bridge']);

export type AttachmentTarget =
  | { readonly kind: 'node-local'; readonly networkId: Id }
  | { readonly kind: 'overlay'; readonly network: Network }
  | { readonly kind: 'wait'; readonly wait: Wait };

/** Resolves the id (or, for specs that were not resolved before, the name) of a network. */
export function resolveTarget(target: string, view: ReadView): AttachmentTarget {
  const network = view.get('network', target) ?? view.byName('network', target)[0];
  if (network === undefined) {
    return NODE_NETWORKS.has(target)
      ? { kind: 'node-local', networkId: target }
      : { kind: 'wait', wait: { reason: `network ${target} not found`, keys: ['network'] } };
  }
  if (network.spec.driver !== 'overlay') {
    return { kind: 'node-local', networkId: network.spec.driver === 'host' ? 'host' : network.id };
  }
  if (isAllocated(network)) {
    return { kind: 'overlay', network };
  }
  const cause = network.allocationError ?? 'its subnet is being allocated';
  const reason = `network ${network.spec.name} is not ready: ${cause}`;
  return { kind: 'wait', wait: { reason, keys: [`network:${network.id}`] } };
}

/** The wait for an address of a network whose pools are empty. */
export function noRoom(networkId: Id, view: ReadView, ledger: Ledger): Wait {
  const name = view.get('network', networkId)?.spec.name ?? networkId;
  const pools = ledger
    .poolsOf(networkId)
    .map((pool) => `(${pool.subnet}): ${pool.inUse} of ${pool.capacity} in use`)
    .join(', ');
  return { reason: `no free address in network ${name} ${pools}`, keys: [`address:${networkId}`] };
}
