// Who may open a session, and what a first message must hold. Network input: nothing is believed unchecked.
import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Id } from '../../shared/model/meta.ts';
import { isIncarnation, type NodeEncryption } from '../../shared/model/network_keys.ts';
import type { NodeDescription } from '../../shared/model/node.ts';
import type { AgentMessage } from '../../shared/protocol/dispatcher.ts';
import type { CallContext, Peer } from '../../shared/protocol/peer.ts';
import type { ReadView } from '../store/api.ts';
import { badMessage, nodeRemoved, notANode, registerRate } from './errors.ts';
import type { ReadyNode } from './node_writer.ts';
import { clusterOf } from './session_info.ts';

/** A node may register so often within the window (Swarm's): more is a loop of failing sessions. */
const MAX_REGISTRATIONS = 3;
const WINDOW_MS = 8_000;
/** A description as JSON: labels and plugins of any real engine fit many times. */
const MAX_DESCRIPTION_BYTES = 64 * 1024;
const MAX_HOSTNAME_LENGTH = 255;
const MAX_ADDRESS_LENGTH = 255;

export type NodePeer = Peer & { readonly kind: 'node' };
export type Register = AgentMessage & { readonly kind: 'register' };

/** The calling node, if it is a member that was not removed; else `not-a-node` or `node-removed`. */
export function requireMember(context: CallContext, view: ReadView): NodePeer {
  const { peer } = context;
  const cluster = clusterOf(view);
  if (peer.kind !== 'node' || cluster === undefined || peer.clusterId !== cluster.id) {
    throw notANode();
  }
  const isRevoked = cluster.revoked.some(({ nodeId }) => nodeId === peer.nodeId);
  if (isRevoked || view.get('node', peer.nodeId) === undefined) {
    throw nodeRemoved(peer.nodeId);
  }
  return peer;
}

/** What the node says of itself; throws `bad-message`. */
export function checkRegister(message: AgentMessage | undefined, peer: NodePeer): ReadyNode {
  if (message?.kind !== 'register') {
    throw badMessage('the first message must be `register`');
  }
  checkDescription(message.description);
  if (isIP(message.vtepAddress) === 0) {
    throw badMessage('the VTEP address is no IP address: check --data-path-addr and --advertise-addr');
  }
  if (message.address.length > MAX_ADDRESS_LENGTH) {
    throw badMessage('the address is too long');
  }
  const { description, vtepAddress } = message;
  return { description, vtepAddress, address: message.address === '' ? peer.address : message.address };
}

export function checkDescription(description: NodeDescription): void {
  if (description.hostname.length > MAX_HOSTNAME_LENGTH) {
    throw badMessage(`the host name has more than ${MAX_HOSTNAME_LENGTH} characters`);
  }
  if (JSON.stringify(description).length > MAX_DESCRIPTION_BYTES) {
    throw badMessage(`the node's description has more than ${MAX_DESCRIPTION_BYTES} bytes: use fewer labels`);
  }
}

/** Throws `bad-message`. */
export function checkEncryption({ incarnation, epoch }: NodeEncryption): void {
  if (!isIncarnation(incarnation) || !Number.isSafeInteger(epoch) || epoch < 0) {
    throw badMessage('an incarnation is 16 hexadecimal digits, an epoch a whole number');
  }
}

/** Counts registrations per node; only nodes that registered within the window are remembered. */
export class RegistrationRate {
  private readonly clock: Clock;
  private readonly times = new Map<Id, readonly number[]>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Throws `register-rate` when the node registered too often. */
  admit(nodeId: Id): void {
    const now = this.clock.monotonic();
    const recent = (this.times.get(nodeId) ?? []).filter((time) => now - time < WINDOW_MS);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= MAX_REGISTRATIONS) {
      throw registerRate(Math.ceil(oldest + WINDOW_MS - now));
    }
    this.times.set(nodeId, [...recent, now]);
  }

  clear(): void {
    this.times.clear();
  }
}
