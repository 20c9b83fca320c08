// From the encrypted networks' peers and keys to the security associations and policies of the host's namespace,
// and from what the kernel has to what must change. Pure; knows nothing of netlink.
import type { NetworkKey } from '../../../shared/model/network_keys.ts';
import type { XfrmPolicy, XfrmState } from '../../kernel/xfrm.ts';
import { hostCidr } from '../plan/addressing.ts';
import { TAG_BITS } from '../plan/encrypted.ts';
import { ALGORITHM, type End, pairKey, spiOf } from './derive.ts';

/** Ours among all security associations ("sk"). */
export const REQID = 0x736b;
/** Ours among all policies; the one that drops comes after those of the peers. */
const PEER_PRIORITY = 0x736b01;
const BLOCK_PRIORITY = 0x736b02;
/** Packets that overtake each other on the way of a fast link with many queues. */
const REPLAY_WINDOW = 1024;
const ANY = { 4: '0.0.0.0', 6: '::' } as const;

/** A node as the others address it. */
export interface Node extends End {
  /** Underlay address of its VTEP. */
  readonly address: string;
}

export interface EncryptionInput {
  readonly self: Node;
  readonly peers: readonly Node[];
  readonly keys: readonly NetworkKey[];
  /** Epoch of the key to send with. */
  readonly sending: number;
  /** UDP port of the encrypted networks' VXLAN. */
  readonly port: number;
}

/** A planned association, and what its key was derived of besides this node's incarnation. */
export interface PlannedState {
  readonly state: XfrmState;
  readonly use: KeyUse;
}

/** Each may be installed once: a second counter of packets under the same key would repeat nonces. */
export interface KeyUse {
  readonly direction: 'in' | 'out';
  readonly peerId: string;
  readonly peerIncarnation: string;
  readonly epoch: number;
}

export interface EncryptionPlan {
  /** By `stateKey`. */
  readonly states: ReadonlyMap<string, PlannedState>;
  /** By `policyKey`. */
  readonly policies: ReadonlyMap<string, XfrmPolicy>;
}

export const EMPTY_PLAN: EncryptionPlan = { states: new Map(), policies: new Map() };

/** What the kernel tells associations apart by. */
export function stateKey({ dst, spi }: Pick<XfrmState, 'dst' | 'spi'>): string {
  return `${dst} 0x${spi.toString(16)}`;
}

export function policyKey({ dir, selector }: Pick<XfrmPolicy, 'dir' | 'selector'>): string {
  return `${dir} ${selector.src} ${selector.dst} ${selector.port}`;
}

export function useKey({ direction, peerId, peerIncarnation, epoch }: KeyUse): string {
  return `${direction} ${peerId} ${peerIncarnation} ${epoch}`;
}

export function planEncryption(input: EncryptionInput): EncryptionPlan {
  const { self } = input;
  // A tunnel speaks one family.
  const isV6 = self.address.includes(':');
  const peers = input.peers.filter(
    ({ nodeId, address }) =>
      nodeId !== self.nodeId && address !== self.address && address.includes(':') === isV6,
  );
  const states = peers.flatMap((peer) =>
    input.keys.flatMap((key) => [
      planState(key, peer, self, input.port, 'in', peer),
      planState(key, self, peer, input.port, 'out', peer),
    ]),
  );
  const policies = [...peers.map((peer) => peerPolicy(input, peer)), ...guardPolicies(input)];
  return {
    states: new Map(states.map((planned) => [stateKey(planned.state), planned])),
    policies: new Map(policies.map((policy) => [policyKey(policy), policy])),
  };
}

function planState(
  key: NetworkKey,
  sender: Node,
  receiver: Node,
  port: number,
  direction: KeyUse['direction'],
  peer: Node,
): PlannedState {
  return {
    state: {
      src: sender.address,
      dst: receiver.address,
      spi: spiOf(key.epoch, sender, receiver),
      reqid: REQID,
      algorithm: ALGORITHM,
      key: pairKey(key, sender, receiver),
      tagBits: TAG_BITS,
      port,
      replayWindow: REPLAY_WINDOW,
    },
    use: { direction, peerId: peer.nodeId, peerIncarnation: peer.incarnation, epoch: key.epoch },
  };
}

/** Names the SPI, so that going on to the next key is one policy replaced in one step. */
function peerPolicy({ self, sending, port }: EncryptionInput, peer: Node): XfrmPolicy {
  return {
    dir: 'out',
    selector: { src: hostCidr(self.address), dst: hostCidr(peer.address), port },
    priority: PEER_PRIORITY,
    template: { src: self.address, dst: peer.address, spi: spiOf(sending, self, peer), reqid: REQID },
  };
}

/** Nothing leaves for the port in clear text, to whomever, and nothing that came in clear text is taken there. */
function guardPolicies({ self, port }: EncryptionInput): XfrmPolicy[] {
  const any = ANY[self.address.includes(':') ? 6 : 4];
  const anywhere = `${any}/0`;
  return [
    {
      dir: 'out',
      selector: { src: hostCidr(self.address), dst: anywhere, port },
      priority: BLOCK_PRIORITY,
    },
    {
      dir: 'in',
      selector: { src: anywhere, dst: anywhere, port },
      priority: PEER_PRIORITY,
      template: { src: any, dst: any, spi: 0, reqid: REQID },
    },
  ];
}

export function isOurState({ reqid }: XfrmState): boolean {
  return reqid === REQID;
}

export function isOurPolicy({ priority }: XfrmPolicy): boolean {
  return priority === PEER_PRIORITY || priority === BLOCK_PRIORITY;
}

/** In the order in which the kernel must take it, so that no packet finds its way missing. */
export interface EncryptionChanges {
  /** In the way of one that is wanted under the same address and SPI. */
  readonly replaced: readonly XfrmState[];
  readonly addedStates: readonly PlannedState[];
  readonly putPolicies: readonly XfrmPolicy[];
  readonly removedPolicies: readonly XfrmPolicy[];
  readonly removedStates: readonly XfrmState[];
}

/** @param isKept true for an association that is not planned but shall stay */
export function diffEncryption(
  actual: { readonly states: readonly XfrmState[]; readonly policies: readonly XfrmPolicy[] },
  plan: EncryptionPlan,
  isKept: (state: XfrmState) => boolean,
): EncryptionChanges {
  const states = new Map(actual.states.map((state) => [stateKey(state), state]));
  const policies = new Map(actual.policies.filter(isOurPolicy).map((policy) => [policyKey(policy), policy]));
  const added = [...plan.states].filter(([key, { state }]) => {
    const present = states.get(key);
    return present === undefined || !sameState(present, state);
  });
  return {
    replaced: added.flatMap(([key]) => states.get(key) ?? []),
    addedStates: added.map(([, planned]) => planned),
    putPolicies: [...plan.policies].flatMap(([key, policy]) =>
      samePolicy(policies.get(key), policy) ? [] : [policy],
    ),
    removedPolicies: [...policies].flatMap(([key, policy]) => (plan.policies.has(key) ? [] : [policy])),
    removedStates: [...states].flatMap(([key, state]) =>
      isOurState(state) && !plan.states.has(key) && !isKept(state) ? [state] : [],
    ),
  };
}

function sameState(actual: XfrmState, wanted: XfrmState): boolean {
  // A kernel that is locked down tells zeros instead of keys.
  const isHidden = /^0+$/.test(actual.key) && actual.key.length === wanted.key.length;
  return (
    (isHidden || actual.key === wanted.key) &&
    actual.src === wanted.src &&
    actual.reqid === wanted.reqid &&
    actual.algorithm === wanted.algorithm &&
    actual.tagBits === wanted.tagBits &&
    actual.port === wanted.port &&
    actual.replayWindow === wanted.replayWindow
  );
}

function samePolicy(actual: XfrmPolicy | undefined, wanted: XfrmPolicy): boolean {
  const [one, other] = [actual?.template, wanted.template];
  return (
    actual?.priority === wanted.priority &&
    one?.src === other?.src &&
    one?.dst === other?.dst &&
    one?.spi === other?.spi &&
    one?.reqid === other?.reqid
  );
}

/** A line each, without keys. */
export function describeChanges(changes: EncryptionChanges): string[] {
  const state = (action: string, one: XfrmState) =>
    `${action} security association ${one.src} to ${stateKey(one)}`;
  const policy = (action: string, one: XfrmPolicy) => `${action} ipsec policy ${policyKey(one)}`;
  return [
    ...changes.addedStates.map((planned) => state('put', planned.state)),
    ...changes.putPolicies.map((one) => policy('put', one)),
    ...changes.removedPolicies.map((one) => policy('remove', one)),
    ...changes.removedStates.map((one) => state('remove', one)),
  ];
}
