// The attachments of this node's own containers: what each asks for and holds, for both sides of it. Containers attach
// and release; the agent carries claims to the leader and answers back. What is held is on disk before a container has
// it, so it outlives the daemon; each leader is told everything anew, so it outlives leaders, and nothing leaks.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage, type SkeinError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import {
  type AttachmentClaim,
  type AttachmentRefusal,
  claimProblem,
  MAX_ATTACHMENTS_PER_NODE,
} from '../../shared/model/attachment.ts';
import { hostOf } from '../../shared/model/cidr.ts';
import type { NetworkAttachment } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import type { StatusUpdate } from '../../shared/protocol/dispatcher.ts';
import type { Random } from '../../shared/random.ts';
import type {
  AttachmentClaims,
  AttachmentsMessage,
  ContainerAttachments,
  ContainerAttachRequest,
  ContainerNetwork,
  LostAttachment,
} from './api.ts';
import type { ClaimStorage } from './claim_file.ts';
import { attachmentReleased, attachmentTimeout, notInASwarm, refused } from './errors.ts';

/** Docker's patience: a leader that is being elected and a subnet that is being allocated fit well. */
export const ATTACH_TIMEOUT_MS = 30_000;

interface Entry {
  claim: AttachmentClaim;
  /** As the user named the network. */
  readonly target: string;
  /** What the managers gave; absent while it is asked for. */
  attachment: NetworkAttachment | undefined;
  /** Of an earlier daemon, and nobody has said yet that its container lives. */
  inherited: boolean;
  /** Of the task that holds it, as far as this daemon was told. */
  taskId: Id | undefined;
  readonly answer: Deferred<void>;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class NodeAttachments implements ContainerAttachments, AttachmentClaims, Startable {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly logger: Logger;
  private readonly file: ClaimStorage;
  private readonly entries = new Map<Id, Entry>();
  private readonly lostListeners = new Set<(lost: LostAttachment) => void>();
  private send: ((message: AttachmentsMessage) => void) | undefined;
  /** Undefined: the daemon is starting, and has not come to its membership yet. */
  private inCluster: boolean | undefined;

  constructor(dependencies: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly file: ClaimStorage;
  }) {
    this.clock = dependencies.clock;
    this.random = dependencies.random;
    this.logger = dependencies.logger;
    this.file = dependencies.file;
  }

  /** Before the agent: the first session tells what the file has. */
  async start(): Promise<void> {
    for (const { target, claim, attachment } of await this.file.load()) {
      this.entries.set(claim.id, {
        claim,
        target,
        attachment,
        inherited: true,
        taskId: undefined,
        answer: deferred(),
      });
    }
  }

  async stop(): Promise<void> {
    await this.file.flush();
  }

  async attach(request: ContainerAttachRequest, signal: AbortSignal): Promise<readonly NetworkAttachment[]> {
    signal.throwIfAborted();
    const known = request.networks.map((network) => this.find(request.containerId, network.target));
    for (const entry of known) {
      if (entry !== undefined) {
        entry.inherited = false;
      }
    }
    const missing = request.networks.filter((_, position) => known[position] === undefined);
    const made = this.claim(request, missing);
    const all = known.map((entry) => entry ?? made.shift()).filter((entry) => entry !== undefined);
    const news = all.filter((entry) => !known.includes(entry));
    try {
      this.tell(
        news.map(({ claim }) => claim),
        [],
      );
      await this.answers(all, signal);
      await this.save();
    } catch (error) {
      this.drop(news, error);
      throw error;
    }
    return all.flatMap(({ attachment }) => attachment ?? []);
  }

  async release(containerId: Id, networkId?: Id): Promise<void> {
    const over = [...this.entries.values()].filter(
      ({ claim, attachment }) =>
        claim.containerId === containerId && (networkId === undefined || attachment?.networkId === networkId),
    );
    if (over.length > 0) {
      this.drop(over, attachmentReleased(containerId));
      await this.save();
    }
  }

  async retain(containerIds: ReadonlySet<Id>): Promise<void> {
    const inherited = [...this.entries.values()].filter((entry) => entry.inherited);
    const over = inherited.filter(({ claim }) => !containerIds.has(claim.containerId));
    for (const entry of inherited) {
      entry.inherited = false;
    }
    if (over.length > 0) {
      this.drop(over, attachmentReleased('that ended'));
      await this.save();
    }
  }

  attached(containerId: Id): readonly NetworkAttachment[] {
    return [...this.entries.values()].flatMap(({ claim, attachment }) =>
      claim.containerId === containerId && attachment !== undefined ? [attachment] : [],
    );
  }

  onLost(listener: (lost: LostAttachment) => void): () => void {
    this.lostListeners.add(listener);
    return () => this.lostListeners.delete(listener);
  }

  /** The daemon has started: whoever waits for a cluster that this node is not in is told so. */
  settle(): void {
    this.inCluster ??= false;
    const waiting = [...this.entries.values()].filter(({ attachment }) => attachment === undefined);
    for (const entry of this.inCluster ? [] : waiting) {
      this.lose(entry, notInASwarm(entry.target), 'this node is in no swarm');
    }
  }

  enter(): void {
    this.inCluster = true;
  }

  exit(): void {
    this.inCluster = false;
    this.send = undefined;
  }

  leave(): void {
    this.send?.({ kind: 'attachments', complete: true, claims: [], released: [] });
    for (const entry of [...this.entries.values()]) {
      this.lose(entry, notInASwarm(entry.target), 'this node has left the swarm');
    }
    this.exit();
  }

  opened(send: (message: AttachmentsMessage) => void): void {
    this.send = send;
    const claims = [...this.entries.values()].map(({ claim }) => claim);
    send({ kind: 'attachments', complete: true, claims, released: [] });
  }

  closed(): void {
    this.send = undefined;
  }

  assigned(tasks: readonly Task[]): readonly StatusUpdate[] {
    return tasks.flatMap((task) => this.take(task));
  }

  unassigned(isGone: (taskId: Id) => boolean): void {
    const again: AttachmentClaim[] = [];
    for (const entry of this.entries.values()) {
      if (entry.taskId !== undefined && isGone(entry.taskId)) {
        entry.taskId = undefined;
        again.push(entry.claim);
      }
    }
    this.tell(again, []);
  }

  refused(refusals: readonly AttachmentRefusal[]): void {
    for (const { claimId, code, message } of refusals) {
      const entry = this.entries.get(claimId);
      if (entry !== undefined) {
        this.lose(entry, refused(entry.target, { code, message }), message);
      }
    }
  }

  /** The entry of a network that the container is on, or asks for, already. */
  private find(containerId: Id, target: string): Entry | undefined {
    return [...this.entries.values()].find(
      (entry) =>
        entry.claim.containerId === containerId &&
        (entry.target === target || entry.attachment?.networkId === target),
    );
  }

  private claim(
    { containerId, containerName }: ContainerAttachRequest,
    networks: readonly ContainerNetwork[],
  ) {
    if (this.inCluster === false && networks.length > 0) {
      throw notInASwarm(networks[0]?.target ?? '');
    }
    const claims = networks.map(({ target, aliases, address, address6 }) => ({
      id: newId(this.random),
      containerId,
      containerName,
      target,
      aliases,
      addresses: [address, address6].filter((one) => one !== undefined),
    }));
    for (const claim of claims) {
      const problem = claimProblem(claim);
      if (problem !== undefined) {
        throw refused(claim.target, { code: 'bad-attachment', message: problem });
      }
      if (this.entries.size + claims.length > MAX_ATTACHMENTS_PER_NODE) {
        const message = `this node's containers are on ${this.entries.size} networks together already: stop some`;
        throw refused(claim.target, { code: 'too-many-attachments', message });
      }
    }
    return claims.map((claim) => {
      const { target } = claim;
      const entry: Entry = {
        claim,
        target,
        attachment: undefined,
        inherited: false,
        taskId: undefined,
        answer: deferred(),
      };
      this.entries.set(claim.id, entry);
      return entry;
    });
  }

  private async answers(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const waiting = entries.filter(({ attachment }) => attachment === undefined);
    const [first] = waiting;
    if (first === undefined) {
      return;
    }
    const over = new ChildAbort(signal);
    const late = this.clock.sleep(ATTACH_TIMEOUT_MS, over.signal).then(() => {
      throw attachmentTimeout(first.target, ATTACH_TIMEOUT_MS / 1_000);
    });
    try {
      await Promise.race([Promise.all(waiting.map(({ answer }) => answer.promise)), late]);
    } finally {
      over.abort();
      late.catch(() => undefined);
    }
    signal.throwIfAborted();
  }

  private take(task: Task): readonly StatusUpdate[] {
    const entry = this.entries.get(task.attachment?.id ?? '');
    const [given] = task.networks;
    // One that was released meanwhile: the leader is told, or will be with all claims of the next session.
    if (entry === undefined || given === undefined || isTerminal(task.desiredState)) {
      return [];
    }
    entry.taskId = task.id;
    if (entry.attachment === undefined) {
      entry.attachment = given;
      // Claimed again, it is this network (another one may be called so by then) and these addresses, or nothing.
      entry.claim = { ...entry.claim, target: given.networkId, addresses: given.addresses.map(hostOf) };
      entry.answer.resolve();
    }
    return task.status.state === 'running' ? [] : [{ taskId: task.id, status: this.running() }];
  }

  private running(): StatusUpdate['status'] {
    return { state: 'running', timestamp: this.clock.now(), message: 'attached', error: '', ports: [] };
  }

  /** Whoever waits is told the error, whoever has it already that it is lost. */
  private lose(entry: Entry, error: SkeinError, reason: string): void {
    this.entries.delete(entry.claim.id);
    entry.answer.reject(error);
    if (entry.attachment === undefined) {
      return;
    }
    const { containerId, containerName } = entry.claim;
    const { networkId } = entry.attachment;
    this.logger.warn(
      { container: containerName, network: networkId, reason },
      'a container lost its network',
    );
    this.save().catch((failure: unknown) => {
      this.logger.error(
        { error: errorMessage(failure) },
        'the containers on networks cannot be written down',
      );
    });
    for (const listener of this.lostListeners) {
      listener({ containerId, networkId, reason });
    }
  }

  /** They are over, for us and for the managers. */
  private drop(entries: readonly Entry[], error: unknown): void {
    const held = entries.filter(({ claim }) => this.entries.delete(claim.id));
    for (const { answer } of held) {
      answer.reject(error);
    }
    this.tell(
      [],
      held.map(({ claim }) => claim.id),
    );
  }

  private tell(claims: readonly AttachmentClaim[], released: readonly Id[]): void {
    if (claims.length + released.length > 0) {
      this.send?.({ kind: 'attachments', complete: false, claims, released });
    }
  }

  private save(): Promise<void> {
    const held = [...this.entries.values()].flatMap(({ target, claim, attachment }) =>
      attachment === undefined ? [] : [{ target, claim, attachment }],
    );
    return this.file.save(held);
  }
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Nobody may be waiting when it ends.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
