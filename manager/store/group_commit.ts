// Group commit: transactions that wait while an entry is in flight run together, in order, each on top of
// the applied state and of those before it, and ride in one raft entry, each succeeding or failing on its
// own. One entry is in flight at a time, so what a transaction ran on is exactly what its entry follows.
import { assert, SkeinError } from '../../shared/errors.ts';
import { MAX_ENTRY_BYTES, type TableName, type Tables, type WriteTransaction } from './api.ts';
import type { RecordedChange, StoreBatch, StoreCodec } from './codec.ts';
import { droppedWithGroup, notEncodable, storeBusy, transactionTooLarge } from './errors.ts';
import { estimateBytes } from './estimate.ts';
import { Overlay, type Touched } from './overlay.ts';
import type { Source } from './source.ts';
import type { StoreTime } from './store_time.ts';
import { Transaction, withMeta } from './transaction.ts';

/**
 * What the store asks of raft. `propose` resolves with the entry's index after the entry was committed and
 * applied here, and rejects (`not-leader`, `proposal-dropped`) otherwise. It must reject on a member that
 * leads but has not yet applied all entries of earlier terms, and must never carry a proposal over into
 * another term: the changes were computed on this member's applied state.
 */
export interface Proposer {
  propose(data: Uint8Array): Promise<number>;
  /**
   * Resolves when a majority has confirmed that this member led all the while. A transaction that changed nothing
   * proves that by no entry, so it is answered after this. Absent where nobody else could lead.
   */
  readBarrier?(): Promise<void>;
}

/** Transactions waiting at once: far above what the control loops issue, small enough to hold in memory. */
const MAX_WAITING = 10_000;
/** Changes in one entry, so that computing and applying it never holds the event loop for long (some 10 ms). */
const MAX_BATCH_CHANGES = 1_000;
/** Up to this guess of its size a transaction is not measured by encoding it: the guess errs by far less than the rest. */
const TRUSTED_ESTIMATE_BYTES = MAX_ENTRY_BYTES / 8;

interface Waiting {
  /** Runs the function on the transaction and remembers its result. */
  run(tx: WriteTransaction): void;
  /** Tells the caller the result. */
  resolve(): void;
  reject(error: unknown): void;
}

/** A transaction that has run and whose changes wait for their entry. */
interface Executed {
  readonly caller: Waiting;
  readonly now: number;
  readonly touched: readonly Touched[];
  readonly changes: readonly RecordedChange[];
  readonly bytes: number;
}

/** What goes into one entry, and who is told when it is applied. */
interface Group {
  readonly now: number;
  readonly executed: Executed[];
  /** Those that changed nothing or failed, but ran on top of changes that may yet be lost. */
  readonly settled: { readonly caller: Waiting; readonly settle: () => void }[];
  changes: number;
  bytes: number;
}

export class GroupCommit {
  private readonly proposer: Proposer;
  private readonly codec: StoreCodec;
  private readonly time: StoreTime;
  private readonly state: Source;
  private waiting: Waiting[] = [];
  /** Ran in an earlier group but did not fit in its entry; goes first into the next. */
  private carried: Executed[] = [];
  private inFlight: { readonly data: Uint8Array; readonly batch: StoreBatch } | undefined;
  private running = false;
  /** Source of versions for objects that are written but not committed: unique, and never a raft index. */
  private provisionalVersion = 0;

  constructor(dependencies: {
    readonly proposer: Proposer;
    readonly codec: StoreCodec;
    readonly time: StoreTime;
    readonly state: Source;
  }) {
    this.proposer = dependencies.proposer;
    this.codec = dependencies.codec;
    this.time = dependencies.time;
    this.state = dependencies.state;
  }

  submit<R>(write: (tx: WriteTransaction) => R): Promise<R> {
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(storeBusy(this.waiting.length));
    }
    return new Promise<R>((resolve, reject) => {
      let finish: () => void = () => undefined;
      const run = (tx: WriteTransaction) => {
        const result = write(tx);
        finish = () => resolve(result);
      };
      this.waiting.push({ run, resolve: () => finish(), reject });
      if (!this.running) {
        this.running = true;
        // A turn later, so that transactions submitted together ride together.
        queueMicrotask(() => {
          void this.pump();
        });
      }
    });
  }

  /** The changes of an entry that this member proposed itself, already built; undefined for others' entries. */
  batchOf(data: Uint8Array): StoreBatch | undefined {
    return this.inFlight?.data === data ? this.inFlight.batch : undefined;
  }

  /** Never rejects: every failure goes to the callers concerned. */
  private async pump(): Promise<void> {
    while (this.waiting.length > 0 || this.carried.length > 0) {
      const group = this.collect();
      if (group.executed.length > 0) {
        await this.commit(group);
      } else if (group.settled.length > 0) {
        // Nothing waits for these: they ran on the state as it is now, which only their answers depend on.
        void this.confirm(group);
      }
    }
    this.running = false;
  }

  private async commit(group: Group): Promise<void> {
    try {
      const batch = this.encode(group);
      this.inFlight = batch;
      await this.proposer.propose(batch.data);
    } catch (error) {
      this.fail(group, error);
      return;
    } finally {
      this.inFlight = undefined;
    }
    for (const { caller } of group.executed) {
      caller.resolve();
    }
    for (const { settle } of group.settled) {
      settle();
    }
  }

  /** Tells those that changed nothing, once it is certain that the state they saw was the newest. Never rejects. */
  private async confirm(group: Group): Promise<void> {
    try {
      await this.proposer.readBarrier?.();
    } catch (error) {
      for (const { caller } of group.settled) {
        caller.reject(error);
      }
      return;
    }
    for (const { settle } of group.settled) {
      settle();
    }
  }

  private fail(group: Group, error: unknown): void {
    if (error instanceof NotEncodable) {
      this.failUnencodable(group);
      return;
    }
    const lostLeadership = error instanceof SkeinError && error.code === 'not-leader';
    const lost = [...group.executed, ...group.settled, ...this.carried].map(({ caller }) => caller);
    this.carried = [];
    if (lostLeadership) {
      lost.push(...this.waiting);
      this.waiting = [];
    }
    for (const caller of lost) {
      caller.reject(error);
    }
  }

  /** The writers of what has no bytes get that error; the others, who may have built on it, may try again. */
  private failUnencodable(group: Group): void {
    const dropped = [...group.settled, ...this.carried];
    this.carried = [];
    for (const { caller, changes } of group.executed) {
      try {
        this.codec.encodeBatch({ timestampMs: group.now, changes });
        caller.reject(droppedWithGroup());
      } catch (cause) {
        caller.reject(notEncodable(cause));
      }
    }
    for (const { caller } of dropped) {
      caller.reject(droppedWithGroup());
    }
  }

  /** Runs what waits until an entry is full. */
  private collect(): Group {
    const now = this.carried[0]?.now ?? this.time.now();
    const group: Group = { now, executed: [], settled: [], changes: 0, bytes: 0 };
    const overlay = new Overlay(this.state);
    const carried = this.carried;
    this.carried = [];
    for (const executed of carried) {
      this.admit(group, executed, overlay);
    }
    while (this.carried.length === 0 && group.changes < MAX_BATCH_CHANGES) {
      const caller = this.waiting.shift();
      if (caller === undefined) {
        break;
      }
      this.execute(group, caller, overlay);
    }
    return group;
  }

  private execute(group: Group, caller: Waiting, overlay: Overlay): void {
    const tx = new Transaction(overlay, group.now);
    try {
      caller.run(tx);
      const touched = tx.overlay.touched();
      if (touched.length > 0) {
        const changes = touched.map(toChange);
        const bytes = this.measure(group.now, changes);
        this.admit(group, { caller, now: group.now, touched, changes, bytes }, overlay);
        return;
      }
      group.settled.push({ caller, settle: () => caller.resolve() });
    } catch (error) {
      if (group.executed.length === 0) {
        // On the applied state, with nothing of others below it: whoever needs certainty asks for a barrier itself.
        caller.reject(error);
      } else {
        group.settled.push({ caller, settle: () => caller.reject(error) });
      }
    } finally {
      tx.close();
    }
  }

  /** Adds a transaction to the group, or carries it over when the entry is full; either way later ones run on top. */
  private admit(group: Group, executed: Executed, overlay: Overlay): void {
    const fits = group.bytes + executed.bytes <= MAX_ENTRY_BYTES && this.carried.length === 0;
    if (!fits && group.executed.length > 0) {
      this.carried.push(executed);
      return;
    }
    group.executed.push(executed);
    group.changes += executed.changes.length;
    group.bytes += executed.bytes;
    for (const touched of executed.touched) {
      this.provisionalVersion -= 1;
      overlayWrite(overlay, touched, this.provisionalVersion);
    }
  }

  /** Bytes of a transaction as an entry of its own, guessed or measured; throws when they are too many. */
  private measure(now: number, changes: readonly RecordedChange[]): number {
    const estimate = estimateBytes(changes);
    if (estimate <= TRUSTED_ESTIMATE_BYTES) {
      return estimate;
    }
    const bytes = this.codec.encodeBatch({ timestampMs: now, changes }).length;
    if (bytes > MAX_ENTRY_BYTES) {
      throw transactionTooLarge(bytes, MAX_ENTRY_BYTES);
    }
    return bytes;
  }

  private bytesOf(batch: StoreBatch): Uint8Array {
    try {
      return this.codec.encodeBatch(batch);
    } catch (cause) {
      throw new NotEncodable('a change cannot be encoded', { cause });
    }
  }

  /** Encodes the group, carrying its later half over as long as the real bytes are too many. */
  private encode(group: Group): { readonly data: Uint8Array; readonly batch: StoreBatch } {
    while (true) {
      const changes = group.executed.flatMap((executed) => executed.changes);
      const batch: StoreBatch = { timestampMs: group.now, changes };
      const data = this.bytesOf(batch);
      if (data.length <= MAX_ENTRY_BYTES) {
        return { data, batch };
      }
      assert(group.executed.length > 1, `one small transaction encodes to ${data.length} bytes`);
      this.carried.unshift(...group.executed.splice(group.executed.length >> 1));
    }
  }
}

/** Thrown inside this file only: the codec refused a group's changes. */
class NotEncodable extends Error {}

function toChange(touched: Touched): RecordedChange {
  const { table, id, before, after } = touched;
  if (after === undefined) {
    return { action: 'remove', table, id };
  }
  const action = before === undefined ? 'create' : 'update';
  // Table and object fit together by construction; the compiler cannot correlate them.
  return { action, table, object: after } as RecordedChange;
}

/** Shows a transaction's write to those that run after it, under a version that no stale copy can have. */
function overlayWrite<T extends TableName>(
  overlay: Overlay,
  touched: { readonly table: T; readonly id: string; readonly after: Tables[T] | undefined },
  version: number,
): void {
  const { table, id, after } = touched;
  overlay.put(table, id, after === undefined ? undefined : withMeta(after, { ...after.meta, version }));
}
