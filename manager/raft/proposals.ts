// Proposals from the caller's call to their entry's application: a bounded queue of what the core has not
// taken yet, and the promises of what it has. It decides nothing about consensus.
import type { ProposeResult } from './core/types.ts';
import type { SkeinError } from '../../shared/errors.ts';
import { earlierUnconfirmed, proposalDropped, proposalsFull } from './errors.ts';

/** Far above 256 concurrent writers; each one waits with its promise. */
const MAX_PROPOSALS = 10_000;
/** As much as the core lets be uncommitted. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Most bytes handed to the core in one batch, so that one batch is one disk write of tolerable length. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

interface Proposal {
  readonly data: Uint8Array;
  readonly deadline: number;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

interface Placed {
  readonly term: number;
  readonly proposal: Proposal;
}

export class Proposals {
  private readonly timeoutMs: number;
  private waiting: Proposal[] = [];
  private waitingBytes = 0;
  /** By index of the entry. Insertion order is index order. */
  private readonly placed = new Map<number, Placed>();
  /**
   * The last entry whose proposer was told that nobody knows; 0 for none. It may still be committed, and what was
   * computed without it must not follow it in the log: until it is applied, nothing else is taken.
   */
  private unconfirmed = 0;
  private ended = 0;

  /** @param timeoutMs from the call to the rejection of a proposal that is not applied. */
  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Whether any proposal waits, is on its way, or may still be committed. */
  get pending(): boolean {
    return this.waiting.length > 0 || this.placed.size > 0 || this.unconfirmed > 0;
  }

  /** How many proposals have ended otherwise than applied: what was computed on one of them must not be taken. */
  get basis(): number {
    return this.ended;
  }

  /**
   * Queues a proposal; resolves with its entry's index.
   * @param basis what `basis` was when the first of the proposals that this one builds on was made
   * @param refused why it is not taken at all
   */
  add(data: Uint8Array, basis: number, now: number, refused?: SkeinError): Promise<number> {
    const refusal = refused ?? this.refusal(data, basis);
    if (refusal !== undefined) {
      this.ended += 1;
      return Promise.reject(refusal);
    }
    return new Promise((resolve, reject) => {
      const proposal = this.make(data, now, resolve, reject);
      this.waiting.push(proposal);
      this.waitingBytes += data.length;
    });
  }

  private refusal(data: Uint8Array, basis: number): SkeinError | undefined {
    if (this.unconfirmed > 0 || basis !== this.ended) {
      return earlierUnconfirmed();
    }
    if (this.waiting.length + this.placed.size >= MAX_PROPOSALS) {
      return proposalsFull(`${MAX_PROPOSALS}`);
    }
    if (this.waitingBytes > 0 && this.waitingBytes + data.length > MAX_WAITING_BYTES) {
      return proposalsFull(`${MAX_WAITING_BYTES} bytes`);
    }
    return undefined;
  }

  /**
   * Gives what waits to the core, in batches. What it does not take (a transfer runs, too much is uncommitted,
   * this member does not lead) goes on waiting, within its time.
   */
  offer(propose: (batch: readonly Uint8Array[]) => ProposeResult): void {
    while (this.waiting.length > 0) {
      const batch = this.take();
      const result = propose(batch.map((proposal) => proposal.data));
      if (!result.ok) {
        this.waiting = [...batch, ...this.waiting];
        this.waitingBytes += batch.reduce((sum, proposal) => sum + proposal.data.length, 0);
        return;
      }
      for (const [at, proposal] of batch.entries()) {
        this.placed.set(result.firstIndex + at, { term: result.term, proposal });
      }
    }
  }

  private take(): readonly Proposal[] {
    let bytes = 0;
    let count = 0;
    for (const proposal of this.waiting) {
      if (count > 0 && bytes + proposal.data.length > MAX_BATCH_BYTES) {
        break;
      }
      bytes += proposal.data.length;
      count += 1;
    }
    this.waitingBytes -= bytes;
    return this.waiting.splice(0, count);
  }

  /** Waits for an entry that was proposed by other means (a change of membership). */
  follow(index: number, term: number, now: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const proposal = this.make(new Uint8Array(), now, resolve, reject);
      this.placed.set(index, { term, proposal });
    });
  }

  /** The entry at this index is applied; another term means another leader's entry took the place. */
  applied(index: number, term: number): void {
    if (index >= this.unconfirmed) {
      this.unconfirmed = 0;
    }
    const placed = this.placed.get(index);
    if (placed === undefined) {
      return;
    }
    this.placed.delete(index);
    if (placed.term === term) {
      placed.proposal.resolve(index);
    } else {
      placed.proposal.reject(proposalDropped('another leader wrote in its place'));
    }
  }

  /** Rejects what the core has not taken (it is certain that nothing was done). */
  refuseWaiting(error: unknown): void {
    const waiting = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    for (const proposal of waiting) {
      proposal.reject(error);
    }
  }

  /** Rejects what the core has taken and nobody can follow any more. */
  dropPlaced(error: unknown): void {
    const placed = [...this.placed.values()];
    this.placed.clear();
    // Before this member leads again it has applied whatever is left of its time.
    this.unconfirmed = 0;
    for (const { proposal } of placed) {
      proposal.reject(error);
    }
  }

  /** Rejects what has waited too long. Deadlines follow the order of the calls, so the first ones tell. */
  expire(now: number): void {
    for (const [index, { proposal }] of this.placed) {
      if (proposal.deadline > now) {
        break;
      }
      this.placed.delete(index);
      this.unconfirmed = index;
      proposal.reject(proposalDropped(`no majority confirmed it in ${this.timeoutMs} ms`));
    }
    if ((this.waiting[0]?.deadline ?? Number.POSITIVE_INFINITY) <= now) {
      // Those behind it may build on it, so they go with it.
      this.refuseWaiting(proposalDropped(`it was not taken in ${this.timeoutMs} ms`));
    }
  }

  private make(
    data: Uint8Array,
    now: number,
    resolve: (index: number) => void,
    reject: (error: unknown) => void,
  ): Proposal {
    return {
      data,
      deadline: now + this.timeoutMs,
      resolve,
      reject: (error) => {
        this.ended += 1;
        reject(error);
      },
    };
  }
}
