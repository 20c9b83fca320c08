// What every group of calls stands on: reads that are current, writes with a deadline. It owns the waiting,
// not the meaning.
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';
import { CallEnd, whenEnded } from '../../shared/rpc/call_end.ts';
import type { ReadView, Store, TableName, Tables, WriteTransaction } from '../store/api.ts';
import { type ErrorKind, SkeinError } from '../../shared/errors.ts';
import { deadlineExceeded, notFound } from './errors.ts';

/** What the control API needs of raft; a RaftNode is one. */
export interface Membership {
  /** Resolves when this member has applied all that was committed at the call. */
  readBarrier(signal?: AbortSignal): Promise<void>;
  status(): {
    readonly members: readonly RaftMember[];
    /** Raft ids of members heard from lately; told by the leader only. */
    readonly active: readonly number[];
  };
}

export interface ControlDependencies {
  readonly store: Store;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly random: Random;
  /** A new join token that carries the digest of the root certificate. */
  readonly makeToken: (rootDigest: string) => string;
}

const REFUSALS: ReadonlySet<ErrorKind> = new Set([
  'invalid',
  'not-found',
  'conflict',
  'already-exists',
  'denied',
]);

/** Longest wait for a majority: what Docker's engine allows a swarm request. */
export const REQUEST_TIMEOUT_MS = 20_000;

export class CallRunner {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly membership: Membership;

  constructor(dependencies: ControlDependencies) {
    this.clock = dependencies.clock;
    this.random = dependencies.random;
    this.store = dependencies.store;
    this.membership = dependencies.membership;
  }

  /** Reads a state that holds everything committed before the call. The function must be synchronous. */
  async read<R>(context: CallContext, query: (view: ReadView) => R): Promise<R> {
    await this.within(context, (end) => this.membership.readBarrier(end.signal));
    return query(this.store.view);
  }

  /** Runs a transaction; rejects with `deadline` when it is not committed in time, or when the caller left. */
  write<R>(context: CallContext, change: (tx: WriteTransaction) => R): Promise<R> {
    return this.within(context, async (end) => {
      try {
        return await this.store.update(change);
      } catch (error) {
        if (!isRefusal(error)) {
          throw error;
        }
        // What is refused is not committed, so nothing has shown that this manager still leads: a leader that
        // was replaced without knowing would refuse by an old state. With a current one it is asked again.
        await this.membership.readBarrier(end.signal);
        return await this.store.update(change);
      }
    });
  }

  /**
   * Runs a transaction that writes one object, whose id it returns; resolves with the object as committed, with
   * its version and times. One that a change of the same commit has removed again is told as it was written.
   */
  async writeObject<T extends TableName>(
    context: CallContext,
    table: T,
    change: (tx: WriteTransaction) => Id,
  ): Promise<Tables[T]> {
    const { id, written } = await this.write(context, (tx) => {
      const id = change(tx);
      return { id, written: tx.get(table, id) };
    });
    const object = this.store.view.get(table, id) ?? written;
    if (object === undefined) {
      throw notFound(table, id);
    }
    return object;
  }

  private within<R>(context: CallContext, work: (end: CallEnd) => Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const end = new CallEnd();
      const timer = this.clock.after(REQUEST_TIMEOUT_MS, () => end.end(deadlineExceeded(REQUEST_TIMEOUT_MS)));
      const stopListening = whenEnded(context, (reason) => end.end(reason));
      const finish = () => {
        timer.cancel();
        stopListening();
      };
      end.whenEnded((reason) => {
        finish();
        reject(reason);
      });
      if (end.isOver) {
        return;
      }
      work(end).then(
        (result) => {
          finish();
          resolve(result);
        },
        (error) => {
          finish();
          reject(error);
        },
      );
    });
  }
}

/** The change itself said no, by what it saw; raft's failures are of other kinds. */
function isRefusal(error: unknown): boolean {
  return error instanceof SkeinError && REFUSALS.has(error.kind);
}
