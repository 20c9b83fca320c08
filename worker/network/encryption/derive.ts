// From the cluster's key to the key of one direction between two nodes (HKDF, RFC 5869) and its SPI. Pure.
// Both ends derive the same without a word between them.
import { createHash, hkdfSync } from 'node:crypto';
import type { NetworkKey } from '../../../shared/model/network_keys.ts';

/** AES-GCM of RFC 4106: a key of 128 bits, 32 bits of salt. */
export const ALGORITHM = 'rfc4106(gcm(aes))';
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
