// One agent's session as the leader sees it: what waits to be sent, what the node has applied, how much it
// may send. It is told what changed and pushes messages; it writes nothing to the store.
import type { Clock } from '../../shared/clock.ts';
import type { AttachmentRefusal } from '../../shared/model/attachment.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { DispatcherMessage } from '../../shared/protocol/dispatcher.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { chunks } from './chunks.ts';
import { sameData } from './equal.ts';
import { sessionFlooded } from './errors.ts';
import { Marks, NodeSet, type NodeSources } from './node_set.ts';

/** Messages waiting for a slow agent: beyond it the session ends and begins anew with a full set. */
const MAX_QUEUED_MESSAGES = 512;
/** With so many waiting, changes are gathered instead of queued: the agent then gets the newest only. */
const BACKLOG_MESSAGES = 16;
/** What an agent may send: a burst after a restart, and then so many messages a second. */
const MESSAGE_BURST = 1_000;
const MESSAGES_PER_SECOND = 200;

export class Session {
  readonly id: Id;
  readonly nodeId: Id;
  readonly queue = new AsyncQueue<DispatcherMessage>(MAX_QUEUED_MESSAGES);
  readonly marks = new Marks();
  /** Versions of views that the node's kernel matches. */
  readonly applied = new Map<Id, number>();
  /** Set once the node is ready in the store; nothing but `registered` is sent before. */
  isReady = false;
  /** The node said that it leaves the cluster. */
  hasLeft = false;
  /** When the node last said something, monotonic ms. */
  heardAt: number;
  private readonly clock: Clock;
  private set: NodeSet;
  private sequence = 0;
  private wantsFull = true;
  private told: DispatcherMessage | undefined;
  private budget = MESSAGE_BURST;
  private budgetAt: number;

  constructor(id: Id, nodeId: Id, clock: Clock) {
    this.id = id;
    this.nodeId = nodeId;
    this.clock = clock;
    this.set = new NodeSet(nodeId);
    this.budgetAt = clock.monotonic();
    this.heardAt = this.budgetAt;
  }

  /** Counts a message; throws `session-flooded` when there were too many. */
  spend(): void {
    const now = this.clock.monotonic();
    const earned = ((now - this.budgetAt) * MESSAGES_PER_SECOND) / 1_000;
    this.budget = Math.min(MESSAGE_BURST, this.budget + earned) - 1;
    this.budgetAt = now;
    if (this.budget < 0) {
      throw sessionFlooded(`more than ${MESSAGES_PER_SECOND} messages a second`);
    }
  }

  /** The next flush sends everything. */
  resync(): void {
    this.wantsFull = true;
  }

  get needsFull(): boolean {
    return this.wantsFull;
  }

  /** Sends the session message if it says something new. */
  tell(message: DispatcherMessage): void {
    if (!sameData(message, this.told)) {
      this.told = message;
      this.queue.push(message);
    }
  }

  /** Tells of claims that cannot be served. */
  refuse(refusals: readonly AttachmentRefusal[]): void {
    if (refusals.length > 0) {
      this.queue.push({ kind: 'attachments-refused', refusals });
    }
  }

  /**
   * Sends what is marked, or the full set when that is due. False when the agent is slow and the marks stay.
   * @param all marks everything that the node may have; used for a full set
   */
  flush(sources: NodeSources, all: () => Marks): boolean {
    if (this.queue.size >= BACKLOG_MESSAGES) {
      return false;
    }
    if (this.wantsFull) {
      this.wantsFull = false;
      this.set = new NodeSet(this.nodeId);
      this.send('full', this.set.changes(all(), sources));
    } else if (!this.marks.isEmpty) {
      const changes = this.set.changes(this.marks, sources);
      if (changes.length > 0) {
        this.send('increment', changes);
      }
    }
    this.marks.clear();
    return true;
  }

  private send(mode: 'full' | 'increment', changes: Parameters<typeof chunks>[0]): void {
    let kind = mode;
    for (const part of chunks(changes, mode)) {
      const base = kind === 'full' ? 0 : this.sequence;
      this.sequence += 1;
      this.queue.push({ kind: 'assignments', mode: kind, base, sequence: this.sequence, changes: part });
      kind = 'increment';
    }
  }
}
