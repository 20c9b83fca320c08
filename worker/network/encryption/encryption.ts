// Keeps the host's security associations and policies as the encrypted networks' views say: at each change, after
// a restart, and whenever it is asked to compare. Everything is synchronous netlink. It owns no links: a network
// whose packets must be encrypted asks `require` before its VXLAN device is made.
import type { Clock, Timer } from '../../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Id } from '../../../shared/model/meta.ts';
import { isEncrypted } from '../../../shared/model/network.ts';
import type { NodeEncryption } from '../../../shared/model/network_keys.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import type { Random } from '../../../shared/random.ts';
import { addressText } from '../../kernel/rtnetlink_read.ts';
import { addressBytes } from '../../kernel/socket.ts';
import type { XfrmStateReport } from '../../kernel/xfrm_read.ts';
import type { OverlayIdentity } from '../api.ts';
import { encryptionKeysMissing, encryptionUnavailable } from '../errors.ts';
import { encryptedPort } from '../plan/encrypted.ts';
import { KeyLedger } from './ledger.ts';
import {
  describeChanges,
  diffEncryption,
  EMPTY_PLAN,
  type EncryptionInput,
  type EncryptionPlan,
  isOurState,
  planEncryption,
} from './plan.ts';
import type { EncryptionKernel } from './xfrm_kernel.ts';

const RETRY_MS = 1_000;

export interface EncryptionDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  /** The kernel where VXLAN's sockets are, or what it lacks. */
  readonly open: () => EncryptionKernel | { readonly missing: string };
}

export interface EncryptionOptions {
  /** Remembers which keys were installed. */
  readonly recordPath: string;
}

type Listener = (state: NodeEncryption) => void;

export class Encryption {
  private readonly dependencies: EncryptionDependencies;
  private readonly log: Logger;
  private readonly options: EncryptionOptions;
  private readonly views = new Map<Id, NetworkView>();
  private readonly listeners = new Set<Listener>();
  private kernel: EncryptionKernel | undefined;
  private ledger: KeyLedger | undefined;
  /** Why this kernel cannot; undefined when it can, or was not asked yet. */
  private missing: string | undefined;
  private identity: OverlayIdentity | undefined;
  /** What the kernel was last made equal to; '' forces a look. */
  private appliedTo = '';
  private epoch = 0;
  private told = '';
  /** Views of all networks are here: what none of them needs can go. */
  private isComplete = false;
  private retry: Timer | undefined;
  private closed = false;

  constructor(dependencies: EncryptionDependencies, options: EncryptionOptions) {
    this.dependencies = dependencies;
    this.log = dependencies.log;
    this.options = options;
  }

  /** Asks the kernel whether it has all that is needed, which loads its modules. */
  start(): void {
    const kernel = this.dependencies.open();
    if ('missing' in kernel) {
      this.missing = kernel.missing;
      this.log.info({ reason: this.missing }, 'encrypted networks will be refused on this node');
      return;
    }
    this.kernel = kernel;
    this.ledger = new KeyLedger(this.dependencies, { path: this.options.recordPath });
    this.tell();
  }

  /** Why encrypted networks cannot work here, in a few words; undefined when they can. */
  get unavailable(): string | undefined {
    return this.missing;
  }

  /** Told at once, and at every change; never where the kernel cannot encrypt. */
  onState(listener: Listener): () => void {
    this.listeners.add(listener);
    const { ledger } = this;
    if (ledger !== undefined) {
      listener({ incarnation: ledger.incarnation, epoch: this.epoch });
    }
    return () => this.listeners.delete(listener);
  }

  setIdentity(identity: OverlayIdentity): void {
    this.identity = identity;
    this.update();
  }

  setView(view: NetworkView): void {
    const before = this.views.get(view.networkId);
    if (view.encryption === undefined) {
      this.removeView(view.networkId);
      return;
    }
    this.views.set(view.networkId, view);
    if (this.missing !== undefined && before === undefined) {
      this.log.warn({ network: view.name, reason: this.missing }, 'an encrypted network does not work here');
    }
    // Most new views tell of endpoints, which concern nobody here.
    if (before?.encryption !== view.encryption || before.nodes !== view.nodes) {
      this.update();
    }
  }

  removeView(networkId: Id): void {
    if (this.views.delete(networkId)) {
      this.update();
    }
  }

  /** All views were told. */
  complete(): void {
    this.isComplete = true;
    this.update();
  }

  /** @throws SkeinError `encryption-unavailable` for a network that this node could only carry in clear text */
  refuseClearText(view: NetworkView | undefined): void {
    if (this.missing !== undefined && isEncrypted(view?.driverOptions ?? {})) {
      throw encryptionUnavailable(this.missing);
    }
  }

  /** @throws SkeinError when the kernel does not hold what keeps packets from leaving in clear text */
  require(view: NetworkView): void {
    this.refuseClearText(view);
    if (this.appliedTo === '') {
      this.apply();
    }
    if (this.appliedTo === '' || !this.views.has(view.networkId)) {
      throw encryptionKeysMissing(view.name);
    }
  }

  /** Compares with the kernel, mends, and returns what differed, a line each. */
  check(): string[] {
    const { ledger, kernel } = this;
    const plan = this.plan();
    if (ledger === undefined || kernel === undefined || !this.isComplete) {
      return [];
    }
    const differences = describeChanges(this.difference(plan ?? EMPTY_PLAN));
    this.appliedTo = '';
    this.update();
    return differences;
  }

  /** What the kernel holds of ours, with counters. */
  states(): readonly XfrmStateReport[] {
    return this.kernel?.read().states.filter(isOurState) ?? [];
  }

  /** As of the last change: whom this node speaks with, and how. */
  input(): EncryptionInput | undefined {
    const { identity, ledger } = this;
    const views = [...this.views.values()];
    const [keys] = views
      .flatMap(({ encryption }) => encryption ?? [])
      .sort((one, other) => other.sending - one.sending);
    const own = views.flatMap(({ nodes }) => nodes).find(({ nodeId }) => nodeId === identity?.nodeId);
    if (identity === undefined || ledger === undefined || keys === undefined) {
      return undefined;
    }
    const { nodeId, dataPathPort } = identity;
    const address = plainAddress(identity.vtepAddress);
    const overlayIndex = own?.overlayIndex ?? identity.overlayIndex;
    const nodes = views.flatMap((view) => view.nodes).filter((node) => node.nodeId !== nodeId);
    const peers = new Map(
      nodes.flatMap((node) =>
        node.incarnation === undefined
          ? []
          : [
              [
                node.nodeId,
                { ...node, address: plainAddress(node.vtepAddress), incarnation: node.incarnation },
              ] as const,
            ],
      ),
    );
    return {
      self: { nodeId, overlayIndex, address, incarnation: ledger.incarnation },
      peers: Array.from(peers.values(), ({ nodeId: id, overlayIndex: index, address: to, incarnation }) => ({
        ...{ nodeId: id, overlayIndex: index, address: to, incarnation },
      })).sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1)),
      keys: keys.keys,
      sending: keys.sending,
      port: encryptedPort(dataPathPort),
    };
  }

  /** Leaves the kernel as it is. */
  close(): void {
    this.closed = true;
    this.retry?.cancel();
    this.kernel?.close();
    this.kernel = undefined;
  }

  /** Takes all that is ours out of the kernel. */
  destroy(): void {
    this.views.clear();
    this.isComplete = true;
    if (this.ledger !== undefined) {
      this.apply();
    }
  }

  private plan(): EncryptionPlan | undefined {
    const input = this.input();
    return input && planEncryption(input);
  }

  private update(): void {
    if (this.closed || this.ledger === undefined) {
      return;
    }
    try {
      this.apply();
    } catch (error) {
      this.log.error(
        { reason: errorMessage(error) },
        'security associations could not be set up; trying again',
      );
      this.retry?.cancel();
      this.retry = this.dependencies.clock.after(RETRY_MS, () => this.update());
    }
  }

  private apply(): void {
    const { ledger, kernel } = this;
    const input = this.input();
    if (ledger === undefined || kernel === undefined || (input === undefined && !this.isComplete)) {
      return;
    }
    const signature = JSON.stringify([input, this.isComplete]);
    if (signature === this.appliedTo) {
      return;
    }
    this.appliedTo = '';
    this.install(ledger, kernel, input);
    this.appliedTo = JSON.stringify([this.input(), this.isComplete]);
    this.epoch = Math.max(0, ...(input?.keys ?? []).map(({ epoch }) => epoch));
    this.tell();
  }

  private install(ledger: KeyLedger, kernel: EncryptionKernel, input: EncryptionInput | undefined): void {
    if (input === undefined && !ledger.isFresh) {
      // Nothing is encrypted any more, so nobody notices; whatever comes back comes with new keys.
      ledger.renew();
    }
    let changes = this.difference(this.plan() ?? EMPTY_PLAN);
    if (changes.addedStates.some((planned) => ledger.isUsed(planned))) {
      ledger.renew();
      this.log.info({ incarnation: ledger.incarnation }, 'security associations were lost: all begin anew');
      changes = this.difference(this.plan() ?? EMPTY_PLAN);
    }
    if (changes.addedStates.length > 0) {
      ledger.note(changes.addedStates, Math.min(...(input?.keys ?? []).map(({ epoch }) => epoch)));
    }
    // Without all views nobody knows what is in the way.
    kernel.apply(this.isComplete ? changes : { ...changes, removedPolicies: [], removedStates: [] });
  }

  private difference(plan: EncryptionPlan): ReturnType<typeof diffEncryption> {
    const { ledger, kernel } = this;
    if (kernel === undefined) {
      throw new SkeinError('internal', 'encryption-closed', 'the encryption of networks was stopped');
    }
    const input = this.input();
    const live = new Set(input?.keys.map(({ epoch }) => epoch));
    const peers = new Map(input?.peers.map(({ nodeId, incarnation }) => [nodeId, incarnation]));
    return diffEncryption(kernel.read(), plan, (state) => {
      // A node that left a network may come back while its keys live: they can go on, not begin anew.
      const use = ledger?.useOf(state);
      return (
        use !== undefined &&
        live.has(use.epoch) &&
        (peers.get(use.peerId) ?? use.peerIncarnation) === use.peerIncarnation
      );
    });
  }

  private tell(): void {
    const { ledger } = this;
    if (ledger === undefined) {
      return;
    }
    const state = { incarnation: ledger.incarnation, epoch: this.epoch };
    const text = JSON.stringify(state);
    if (text !== this.told) {
      this.told = text;
      for (const listener of this.listeners) {
        listener(state);
      }
    }
  }
}

/** As the kernel's tables show it: one text for one address. */
function plainAddress(address: string): string {
  return addressText(addressBytes(address));
}
