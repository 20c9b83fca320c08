// What the namespace of an encrypted network has otherwise than that of a plain one: its tunnels' port, and addresses
// that the self-test between nodes asks. Pure.
import { isEncrypted } from '../../../shared/model/network.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import { hostCidr, innerAddress, VXLAN_LINK } from '../addressing.ts';
import type { OverlayIdentity } from '../api.ts';
import type { KernelObject } from '../kernel-state.ts';
import { encryptedPort } from './derive.ts';

const MAIN_TABLE = 254;

/** UDP port of the network's VXLAN. */
export function portOf({ driverOptions }: NetworkView, { dataPathPort }: OverlayIdentity): number {
  return isEncrypted(driverOptions) ? encryptedPort(dataPathPort) : dataPathPort;
}

export function planOwnInner({ driverOptions }: NetworkView, overlayIndex: number): KernelObject[] {
  return isEncrypted(driverOptions)
    ? [{ type: 'address', link: VXLAN_LINK, address: hostCidr(innerAddress(overlayIndex)) }]
    : [];
}

export function planPeerInner({ driverOptions }: NetworkView, overlayIndex: number): KernelObject[] {
  const destination = hostCidr(innerAddress(overlayIndex));
  return isEncrypted(driverOptions)
    ? [{ type: 'route', destination, table: MAIN_TABLE, kind: 'unicast', link: VXLAN_LINK }]
    : [];
}
