// What the network between the hosts allows an overlay: how large its packets may be, whether it can carry
// IPv6, and which peers it does not lead to. Pure.
import { isEncrypted } from '../../../shared/model/network.ts';
import type { NetworkView, ViewNode } from '../../../shared/model/view.ts';
import type { OverlayIdentity } from '../api.ts';
import { encryptedMtu } from './encrypted.ts';

/** Outer Ethernet 14, IP 20 or 40, UDP 8, VXLAN 8, of which the first counts as the inner one (RFC 7348). */
const OVERHEAD_BYTES = { 4: 50, 6: 70 } as const;
/** RFC 8200: every link that carries IPv6 takes packets of so many bytes; the kernel has none below. */
export const IPV6_MTU_MIN = 1280;
/** RFC 791. */
const IPV4_MTU_MIN = 68;
/** Docker's driver option to ask for a smaller MTU. */
const MTU_OPTION = 'com.docker.network.driver.mtu';

export function overlayMtu(view: NetworkView, vtepAddress: string, underlayMtu: number): number {
  const most = view.vni === 0 ? underlayMtu : largestInside(view, familyOf(vtepAddress), underlayMtu);
  const asked = Number(view.driverOptions[MTU_OPTION] ?? Number.NaN);
  return Number.isInteger(asked) && asked >= IPV4_MTU_MIN ? Math.min(asked, most) : most;
}

function largestInside({ driverOptions }: NetworkView, family: 4 | 6, underlayMtu: number): number {
  return isEncrypted(driverOptions)
    ? encryptedMtu(underlayMtu, family)
    : underlayMtu - OVERHEAD_BYTES[family];
}

/** Other nodes that this one's tunnel can lead to at all: a tunnel speaks one family. */
export function reachablePeers({ nodes }: NetworkView, identity: OverlayIdentity): readonly ViewNode[] {
  const isOfFamily = sameFamilyAs(identity.vtepAddress);
  return nodes.filter(({ nodeId, vtepAddress }) => nodeId !== identity.nodeId && isOfFamily(vtepAddress));
}

export interface UnderlayFacts {
  readonly identity: OverlayIdentity;
  readonly mtu: number;
  readonly hasRoute: (address: string) => boolean;
}

/** What stands in the network's way on this node, a line each; nothing here can be mended by skein. */
export function underlayProblems(view: NetworkView, { identity, mtu, hasRoute }: UnderlayFacts): string[] {
  const isOfFamily = sameFamilyAs(identity.vtepAddress);
  const others = view.nodes.filter(({ nodeId }) => nodeId !== identity.nodeId);
  return [
    ...(mtu < IPV6_MTU_MIN && view.subnets.some(({ subnet }) => subnet.includes(':'))
      ? [`no IPv6 here: packets of ${mtu} bytes fit the overlay, IPv6 needs ${IPV6_MTU_MIN}`]
      : []),
    ...others.flatMap(({ nodeId, vtepAddress }) =>
      isOfFamily(vtepAddress)
        ? hasRoute(vtepAddress)
          ? []
          : [`no route to ${vtepAddress}, the data path address of node ${nodeId}`]
        : [
            `node ${nodeId} has the data path address ${vtepAddress}, this one ${identity.vtepAddress}: give both one family (--data-path-addr)`,
          ],
    ),
  ];
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

function sameFamilyAs(address: string): (other: string) => boolean {
  const family = familyOf(address);
  return (other) => familyOf(other) === family;
}
