// The keys of encrypted networks: made by the managers, given to the nodes that take part, from which these
// derive a key for every pair of nodes and direction. Whoever holds them can read all encrypted networks.

/** One of the cluster's keys; epochs grow by one with each. */
export interface NetworkKey {
  readonly epoch: number;
  /** NETWORK_KEY_BYTES of chance. */
  readonly secret: Uint8Array;
}

export const NETWORK_KEY_BYTES = 32;

/**
 * Every node receives with all keys and sends with that of the epoch `sending`. The key before it stays for
 * nodes that have not heard of the switch, the one after it is there long before it is used.
 */
export interface NetworkKeyring {
  /** By epoch, ascending; at most three: previous, current and next. */
  readonly keys: readonly NetworkKey[];
  readonly sending: number;
  /** When `sending` became so, epoch ms. */
  readonly rotatedAt: number;
  /** An operator asked for a rotation then; absent once it is done. */
  readonly rotationAskedAt?: number;
}

/** How a node stands with the keys; nodes that cannot encrypt have none. */
export interface NodeEncryption {
  /**
   * Drawn anew whenever the node cannot go on with the security associations that it had (after a reboot): all
   * its keys follow from it, so no key ever starts counting packets twice. 16 hexadecimal digits.
   */
  readonly incarnation: string;
  /** The newest epoch with which its kernel receives; 0: none. */
  readonly epoch: number;
}

export function isIncarnation(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
