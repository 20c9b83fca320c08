// What the namespace of an encrypted network has otherwise than that of a plain one: its tunnels' port, smaller packets,
// and addresses that the self-test between nodes asks. Pure; keys and their associations are encryption's.
import { isEncrypted } from '../../../shared/model/network.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import type { OverlayIdentity } from '../api.ts';
import { VXLAN_LINK, hostCidr, innerAddress } from './addressing.ts';
import type { KernelObject } from './kernel_state.ts';

const MAIN_TABLE = 254;

/** AES-GCM's whole tag (RFC 4106). */
export const TAG_BITS = 128;
/** Outer IP header; then SPI and sequence number; IV; tag. Then padding to four bytes, pad length and next header. */
const IP_BYTES = { 4: 20, 6: 40 } as const;
const ESP_FIXED_BYTES = 8 + 8 + TAG_BITS / 8;
const ESP_TRAILER_BYTES = 2;
const ESP_ALIGNMENT_BYTES = 4;
/** UDP, VXLAN and the inner Ethernet header (RFC 7348) lie inside ESP. */
const VXLAN_INSIDE_BYTES = 8 + 8 + 14;

/** Encrypted networks speak VXLAN on the port after the others', which never shows on the wire. */
export function encryptedPort(dataPathPort: number): number {
  return dataPathPort + 1;
}

/** The largest inner packet that leaves in one of `underlayMtu` bytes: 1416 of 1500, where plain VXLAN has 1450. */
export function encryptedMtu(underlayMtu: number, family: 4 | 6): number {
  const room = underlayMtu - IP_BYTES[family] - ESP_FIXED_BYTES;
  return room - (room % ESP_ALIGNMENT_BYTES) - ESP_TRAILER_BYTES - VXLAN_INSIDE_BYTES;
}

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
