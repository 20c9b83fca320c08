// When the cluster has keys for encrypted networks, and when it goes on to the next: a pure decision over the
// keyring, the nodes and the time. Three steps that never overlap for one key: it is given to all nodes a whole
// period before it is sent with, it is sent with once all have it, and it is kept for receiving a period longer.
import { NETWORK_KEY_BYTES, type NetworkKey, type NetworkKeyring } from '../../shared/model/network_keys.ts';
import type { Random } from '../../shared/random.ts';

/** As Swarm's. */
export const ROTATION_PERIOD_MS = 12 * 60 * 60_000;
/**
 * A node that has not acknowledged the next key for so long after a rotation was due keeps nobody waiting any
 * more: it is cut off, and comes back with whatever keys there are then.
 */
export const ACKNOWLEDGE_MS = 10 * 60_000;
/** Previous, current, next. */
const MAX_KEYS = 3;

/** What the decision needs to know of a node that takes part in an encrypted network. */
export interface KeyHolder {
  readonly nodeId: string;
  /** The newest epoch with which it receives. */
  readonly epoch: number;
}

export type KeyDecision =
  /** Nothing to do before `dueAt` (epoch ms); Infinity: not before something changes. */
  | { readonly action: 'wait'; readonly dueAt: number }
  /** Due, but these nodes do not have the next key yet; looked at again when they do, or at `dueAt`. */
  | { readonly action: 'await-nodes'; readonly nodeIds: readonly string[]; readonly dueAt: number }
  | { readonly action: 'create' }
  | { readonly action: 'rotate' };

/** @param needed some network of the cluster is encrypted */
export function decideKeys(
  keyring: NetworkKeyring | undefined,
  needed: boolean,
  holders: readonly KeyHolder[],
  now: number,
): KeyDecision {
  if (!needed) {
    return { action: 'wait', dueAt: Number.POSITIVE_INFINITY };
  }
  if (keyring === undefined) {
    return { action: 'create' };
  }
  const dueAt = keyring.rotationAskedAt ?? keyring.rotatedAt + ROTATION_PERIOD_MS;
  if (now < dueAt) {
    return { action: 'wait', dueAt };
  }
  const late = holders.filter(({ epoch }) => epoch <= keyring.sending).map(({ nodeId }) => nodeId);
  if (late.length > 0 && now < dueAt + ACKNOWLEDGE_MS) {
    return { action: 'await-nodes', nodeIds: late, dueAt: dueAt + ACKNOWLEDGE_MS };
  }
  return { action: 'rotate' };
}

/** The first keys: one to send with and the one after it. */
export function createKeyring(now: number, random: Random): NetworkKeyring {
  return { keys: [drawKey(1, random), drawKey(2, random)], sending: 1, rotatedAt: now };
}

/** One step on: what was next is sent with, what was current is kept, what was before it goes. */
export function rotateKeyring(keyring: NetworkKeyring, now: number, random: Random): NetworkKeyring {
  const sending = keyring.sending + 1;
  const kept = keyring.keys.filter(({ epoch }) => epoch >= keyring.sending && epoch <= sending);
  return { keys: [...kept, drawKey(sending + 1, random)].slice(-MAX_KEYS), sending, rotatedAt: now };
}

function drawKey(epoch: number, random: Random): NetworkKey {
  return { epoch, secret: random.bytes(NETWORK_KEY_BYTES) };
}
