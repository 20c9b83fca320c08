// Under which source address the mesh's connections travel between two nodes: another one than the client's, which
// the replica's node gives back. Pure.
//
// IPVS knows the answers of its connections by the replica's address and port and the client's alone. A client may
// use one port of its own towards several nodes that all lead to one replica (to the client these are different
// connections); the replica's node, which balances too, would take answers to the others for those of its own, as
// long as it remembers that (120 s after its end), and the others would hang. IPVS looks when the kernel has put
// back the source that came by the tunnel: so that one must be none that comes by the uplink. Every node does so,
// whatever balances there, since nodes do not know of each other what does.
import type { BalancePlan } from '../plan/balance_plan.ts';
import { VXLAN_LINK, ipv4Number, ipv4Range, ipv4Text } from '../plan/addressing.ts';

/**
 * What the address is changed by, there and back: within the client's first octet, so that none becomes a special
 * one (of loopback, multicast …); callers at the node itself, who come from 198.18.0.0/16, change to 198.19.0.0/16.
 */
const CHANGE = '0.1.165.0';

/** For the chain of source addresses; none where no mesh is. */
export function meshSourceRules({ peers, outbound }: BalancePlan): string[] {
  const subnets = outbound?.subnets ?? [];
  if (peers.length === 0 || subnets.length === 0) {
    return [];
  }
  // Tasks keep their addresses, and nobody else may come to have one. The set is its own image, so that both nodes
  // leave the same addresses alone.
  const kept = [...new Set(subnets.flatMap((subnet) => [subnet, changed(subnet)]))].sort();
  const change = `ip saddr != { ${kept.join(', ')} } snat ip to ip saddr ^ ${CHANGE}`;
  return [
    `oifname "${VXLAN_LINK}" ct mark 0x00000000 ${change}`,
    `oifname != "${VXLAN_LINK}" ct mark != 0x00000000 ${change}`,
  ];
}

/** The subnet of the changed addresses. */
function changed(subnet: string): string {
  const { first, size, length } = ipv4Range(subnet);
  const address = (first ^ ipv4Number(CHANGE)) >>> 0;
  return `${ipv4Text(address - (address % size))}/${length}`;
}
