// Takes the claims of nodes' own containers in the order in which each session sent them, and writes what
// attachment_claims.ts decides. A write that fails ends the session: the next one begins with all claims. A node that
// starts and ends containers without a rest waits, so that one worker cannot keep the managers' disks busy.
import type { Clock } from '../../shared/clock.ts';
import { newId } from '../../shared/ids.ts';
import { type AttachmentClaim, MAX_ATTACHMENTS_PER_NODE } from '../../shared/model/attachment.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { AgentMessage } from '../../shared/protocol/dispatcher.ts';
import type { Random } from '../../shared/random.ts';
import type { Store, WriteTransaction } from '../store/api.ts';
import { checkClaim, release, serve } from './attachment_claims.ts';
import { badMessage, sessionFlooded, sessionReplaced } from './errors.ts';
import { WriteBudget } from './write_budget.ts';
import type { Session } from './session.ts';

export type AttachmentsMessage = AgentMessage & { readonly kind: 'attachments' };

/** Claims of one transaction: each makes a task below 8 KiB, so that an entry of 1.5 MiB has room for as many. */
const CLAIMS_PER_TRANSACTION = 100;
/** Claims and releases of one session that wait to be written: everything twice. */
const MAX_WAITING = 2 * MAX_ATTACHMENTS_PER_NODE;
/** Containers that a node may attach or release a second, for long: a host starts a handful. */
const WRITES_PER_SECOND = 50;
const CLAIM_ID = /^[0-9a-z]{25}$/;

interface Line {
  waiting: number;
  done: Promise<void>;
}

export class AttachmentDesk {
  private readonly store: Store;
  private readonly sessions: ReadonlyMap<Id, Session>;
  private readonly random: Random;
  private readonly lines = new WeakMap<Session, Line>();
  private readonly budget: WriteBudget;
  private readonly over = new AbortController();

  constructor(dependencies: {
    readonly store: Store;
    readonly random: Random;
    readonly clock: Clock;
    /** The open sessions by node. */
    readonly sessions: ReadonlyMap<Id, Session>;
  }) {
    this.store = dependencies.store;
    this.sessions = dependencies.sessions;
    this.random = dependencies.random;
    this.budget = new WriteBudget(dependencies.clock, {
      burst: MAX_ATTACHMENTS_PER_NODE,
      perSecond: WRITES_PER_SECOND,
    });
  }

  /** What waits is dropped: the sessions end with this leader. */
  stop(): void {
    this.over.abort();
  }

  /** Throws `bad-message` or `session-flooded`. */
  receive(session: Session, message: AttachmentsMessage): void {
    const { claims, released } = message;
    if (claims.length > MAX_ATTACHMENTS_PER_NODE || released.length > MAX_ATTACHMENTS_PER_NODE) {
      throw badMessage(`more than ${MAX_ATTACHMENTS_PER_NODE} attachments in one message`);
    }
    if (!released.every((id) => CLAIM_ID.test(id))) {
      throw badMessage('the id of an attachment is 25 characters of base36');
    }
    const refusals = claims.flatMap((claim) => checkClaim(claim) ?? []);
    session.refuse(refusals);
    const refused = new Set(refusals.map(({ claimId }) => claimId));
    this.enqueue(session, { ...message, claims: claims.filter(({ id }) => !refused.has(id)) });
  }

  private enqueue(session: Session, message: AttachmentsMessage): void {
    const line = this.lines.get(session) ?? { waiting: 0, done: Promise.resolve() };
    this.lines.set(session, line);
    const size = 1 + message.claims.length + message.released.length;
    line.waiting += size;
    if (line.waiting > MAX_WAITING) {
      throw sessionFlooded('too many attachments wait to be written');
    }
    line.done = line.done
      .then(() => this.write(session, message))
      .then(
        () => {
          line.waiting -= size;
        },
        // What waits behind it stays unwritten with its session.
        (error: unknown) => session.queue.fail(error),
      );
  }

  private async write(session: Session, { complete, claims, released }: AttachmentsMessage): Promise<void> {
    const { nodeId } = session;
    const ended = new Set(released);
    const held = new Set(claims.map(({ id }) => id));
    const isOver = (id: Id): boolean => ended.has(id) || (complete && !held.has(id));
    let more = complete || ended.size > 0;
    while (more) {
      const { released: count, left } = await this.update(session, (tx) => release(tx, nodeId, isOver));
      await this.budget.spend(nodeId, count, this.over.signal);
      more = left;
    }
    for (let from = 0; from < claims.length; from += CLAIMS_PER_TRANSACTION) {
      await this.serve(session, claims.slice(from, from + CLAIMS_PER_TRANSACTION));
    }
  }

  private async serve(session: Session, claims: readonly AttachmentClaim[]): Promise<void> {
    const { nodeId } = session;
    const newTaskId = () => newId(this.random);
    const { made, refusals } = await this.update(session, (tx) => serve(tx, nodeId, claims, newTaskId));
    session.refuse(refusals);
    await this.budget.spend(nodeId, made, this.over.signal);
  }
  /** What a session said does not count any more once the node has opened another, which told everything anew. */
  private update<R>(session: Session, write: (tx: WriteTransaction) => R): Promise<R> {
    return this.store.update((tx) => {
      if (this.sessions.get(session.nodeId) !== session) {
        throw sessionReplaced();
      }
      return write(tx);
    });
  }
}
