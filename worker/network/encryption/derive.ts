// From the cluster's key to the key of one direction between two nodes (HKDF, RFC 5869), its SPI, and what ESP
// takes of a packet. Pure. Both ends derive the same without a word between them.
import { createHash, hkdfSync } from 'node:crypto';
import type { NetworkKey } from '../../../shared/model/network_keys.ts';

/** AES-GCM of RFC 4106: a key of 128 bits, 32 bits of salt, a tag of 128 bits. */
export const ALGORITHM = 'rfc4106(gcm(aes))';
export const TAG_BITS = 128;
const KEY_BYTES = 20;
/** Separates these keys from whatever else may once be derived from the same secret. */
const PURPOSE = 'skein esp 1';
/** SPIs up to 255 are reserved (RFC 4303): ours have the highest bit set. */
const SPI_BASE = 0x8000_0000;
const EPOCH_BITS = 2;
const MARK_BITS = 13;

/** One end of a direction. */
export interface End {
  readonly nodeId: string;
  readonly incarnation: string;
  readonly overlayIndex: number;
}

/** Hexadecimal, key and salt. No other pair, direction, epoch or incarnation has the same. */
export function pairKey({ secret, epoch }: NetworkKey, sender: End, receiver: End): string {
  const info = [epoch, sender.nodeId, sender.incarnation, receiver.nodeId, receiver.incarnation].join('\0');
  return Buffer.from(hkdfSync('sha256', secret, PURPOSE, info, KEY_BYTES)).toString('hex');
}

/**
 * What a receiver knows the direction by: the sender's overlay index (unique in the cluster), two bits of the epoch
 * (no more than three live at a time) and a mark of the incarnations. So no two that are in use at once are equal;
 * the mark makes it unlikely that one takes the number of its predecessor.
 */
export function spiOf(epoch: number, sender: End, receiver: End): number {
  const incarnations = `${sender.incarnation}\0${receiver.incarnation}`;
  const mark = createHash('sha256').update(incarnations).digest().readUInt16BE() % 2 ** MARK_BITS;
  const place = sender.overlayIndex * 2 ** EPOCH_BITS + (epoch % 2 ** EPOCH_BITS);
  return SPI_BASE + place * 2 ** MARK_BITS + mark;
}

/** Encrypted networks speak VXLAN on the port after the others', which never shows on the wire. */
export function encryptedPort(dataPathPort: number): number {
  return dataPathPort + 1;
}

/** Outer IP header; then SPI and sequence number; IV; tag. Then padding to four bytes, pad length and next header. */
const IP_BYTES = { 4: 20, 6: 40 } as const;
const ESP_FIXED_BYTES = 8 + 8 + TAG_BITS / 8;
const ESP_TRAILER_BYTES = 2;
const ESP_ALIGNMENT_BYTES = 4;
/** UDP, VXLAN and the inner Ethernet header (RFC 7348) lie inside ESP. */
const VXLAN_INSIDE_BYTES = 8 + 8 + 14;

/** The largest inner packet that leaves in one of `underlayMtu` bytes: 1416 of 1500, where plain VXLAN has 1450. */
export function encryptedMtu(underlayMtu: number, family: 4 | 6): number {
  const room = underlayMtu - IP_BYTES[family] - ESP_FIXED_BYTES;
  return room - (room % ESP_ALIGNMENT_BYTES) - ESP_TRAILER_BYTES - VXLAN_INSIDE_BYTES;
}
