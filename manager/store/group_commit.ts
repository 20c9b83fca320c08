// Group commit: transactions that wait run together, in order, each on top of the applied state and of those before
// it, and ride in one raft entry, each succeeding or failing on its own. While one group is on its way to a majority
// the next one runs on top of it (`pipeline.ts`), so what a transaction ran on is exactly what its entry follows.
import { assert, SkeinError } from '../../shared/errors.ts';
import { MAX_ENTRY_BYTES, type TableName, type Tables, type WriteTransaction } from './api.ts';
import type { RecordedChange, StoreBatch, StoreCodec } from './codec.ts';
import { droppedWithGroup, notEncodable, storeBusy, transactionTooLarge } from './errors.ts';
import { estimateBytes } from './estimate.ts';
import { Overlay, type Touched } from './overlay.ts';
import { type Flight, Pipeline } from './pipeline.ts';
import type { Source } from './source.ts';
import type { StoreTime } from './store_time.ts';
import { Transaction, withMeta } from './transaction.ts';

/**
 * What the store asks of raft. `propose` resolves with the entry's index after the entry was committed and
 * applied here, and rejects (`not-leader`, `proposal-dropped`) otherwise. It must reject on a member that
 * leads but has not yet applied all entries of earlier terms, and must never carry a proposal over into
 * another term: the changes were computed on this member's applied state and on the proposals before it. So it also
 * keeps proposals in the order of the calls, and lets none into the log without those before it.
 */
export interface Proposer {
  /** @param basis what `basis` said when the first proposal that this one builds on was computed. */
  propose(data: Uint8Array, basis: number): Promise<number>;
  /**
   * Another number after every proposal that ended otherwise than applied. One that names an older number is
   * rejected with nothing done: it may build on what was lost.
   */
  basis(): number;
  /**
   * Resolves when a majority has confirmed that this member led all the while. A transaction that changed nothing
   * proves that by no entry, so it is answered after this. Absent where nobody else could lead.
   */
  readBarrier?(): Promise<void>;
}

/** Transactions waiting at once: far above what the control loops issue, small enough to hold in memory. */
const MAX_WAITING = 10_000;
/** Groups on their way at once: one that runs, one that is written and sent, one whose callers are answered, and room. */
const MAX_IN_FLIGHT = 4;
/**
 * Transactions in one entry. A larger group saves little more, and all its callers are answered at once: what they ask
 * for next comes at once too, and between the two this manager waits.
 */
const MAX_GROUP_TRANSACTIONS = 64;
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

/** Has run and changed nothing, or failed. */
interface Settled {
  readonly caller: Waiting;
  readonly settle: () => void;
}

/** What goes into one entry, and who is told when it is applied. */
interface Group {
  readonly now: number;
  readonly executed: Executed[];
  /** Those that changed nothing or failed, but ran on top of changes that may yet be lost. */
  readonly settled: Settled[];
  changes: number;
  bytes: number;
}

export class GroupCommit {
  private readonly proposer: Proposer;
  private readonly codec: StoreCodec;
  private readonly time: StoreTime;
  private waiting: Waiting[] = [];
  /** Ran in an earlier group but did not fit in its entry; goes first into the next. */
  private carried: Executed[] = [];
  /** As `carried`, of those that changed nothing or failed on top of what is carried. */
  private carriedSettled: Settled[] = [];
  private readonly pipeline: Pipeline<Group>;
  private readonly defer: (callback: () => void) => void;
  private asked = false;
  /** Source of versions for objects that are written but not committed: unique, and never a raft index. */
  private provisionalVersion = 0;

  constructor(dependencies: {
    readonly proposer: Proposer;
    readonly codec: StoreCodec;
    readonly time: StoreTime;
    readonly state: Source;
    readonly defer?: ((callback: () => void) => void) | undefined;
  }) {
    this.proposer = dependencies.proposer;
    this.codec = dependencies.codec;
    this.time = dependencies.time;
    this.pipeline = new Pipeline(dependencies.state);
    this.defer = dependencies.defer ?? queueMicrotask;
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
      this.ask();
    });
  }

  /** The changes of an entry that this member proposed itself, already built; undefined for others' entries. */
  batchOf(data: Uint8Array): StoreBatch | undefined {
    return this.pipeline.find(data)?.batch;
  }

  /** The state holds this entry now: to be told before anything else runs. */
  applied(data: Uint8Array): void {
    this.pipeline.applied(data);
  }

  /**
   * Has what waits run a turn later, so that transactions submitted together ride together. While others are on their
   * way there is time for all that the event loop has in hand; otherwise somebody waits for each turn.
   */
  private ask(): void {
    if (!this.asked && this.mayRun()) {
      this.asked = true;
      const later = this.pipeline.last === undefined ? queueMicrotask : this.defer;
      later(() => {
        this.asked = false;
        this.run();
      });
    }
  }

  private mayRun(): boolean {
    return (this.waiting.length > 0 || this.carried.length > 0) && this.pipeline.takes(MAX_IN_FLIGHT);
  }

  /** Never throws: every failure goes to the callers concerned. */
  private run(): void {
    while (this.mayRun()) {
      const overlay = new Overlay(this.pipeline.base);
      const group = this.collect(overlay);
      const below = this.pipeline.last;
      if (group.executed.length > 0) {
        void this.commit(group, overlay);
      } else if (below !== undefined) {
        below.group.settled.push(...group.settled);
      } else if (group.settled.length > 0) {
        // Nothing waits for these: they ran on the state as it is now, which only their answers depend on.
        void this.confirm(group);
      }
    }
  }

  /** Begins at once, in the order of the calls. Never rejects. */
  private async commit(group: Group, overlay: Overlay): Promise<void> {
    let flight: Flight<Group> | undefined;
    try {
      flight = { group, overlay, ...this.encode(group) };
      const basis = this.pipeline.enter(flight, () => this.proposer.basis());
      await this.proposer.propose(flight.data, basis);
    } catch (error) {
      this.fail(group, error);
      this.pipeline.leave(flight, false);
      this.ask();
      return;
    }
    this.pipeline.leave(flight, true);
    for (const { caller } of group.executed) {
      caller.resolve();
    }
    for (const { settle } of group.settled) {
      settle();
    }
    this.ask();
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

  /** What is carried ran on this group; groups that are on their way on top of it are told their own fate by raft. */
  private fail(group: Group, error: unknown): void {
    if (error instanceof NotEncodable) {
      this.failUnencodable(group);
      return;
    }
    const lostLeadership = error instanceof SkeinError && error.code === 'not-leader';
    const lost = [...group.executed, ...group.settled, ...this.takeCarried()].map(({ caller }) => caller);
    if (lostLeadership) {
      lost.push(...this.waiting);
      this.waiting = [];
    }
    for (const caller of lost) {
      caller.reject(error);
    }
  }

  private takeCarried(): readonly { readonly caller: Waiting }[] {
    const carried = [...this.carried, ...this.carriedSettled];
    this.carried = [];
    this.carriedSettled = [];
    return carried;
  }

  /** The writers of what has no bytes get that error; the others, who may have built on it, may try again. */
  private failUnencodable(group: Group): void {
    const dropped = [...group.settled, ...this.takeCarried()];
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
  private collect(overlay: Overlay): Group {
    const { carried } = this;
    const now = carried[0]?.now ?? this.time.now();
    const group: Group = { now, executed: [], settled: this.carriedSettled, changes: 0, bytes: 0 };
    this.carried = [];
    this.carriedSettled = [];
    for (const executed of carried) {
      this.admit(group, executed, overlay);
    }
    while (this.carried.length === 0 && hasRoom(group)) {
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
      if (group.executed.length === 0 && this.pipeline.last === undefined) {
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
      this.carriedSettled.push(...group.settled.splice(0));
    }
  }
}

/** Thrown inside this file only: the codec refused a group's changes. */
class NotEncodable extends Error {}

function hasRoom(group: Group): boolean {
  return group.changes < MAX_BATCH_CHANGES && group.executed.length < MAX_GROUP_TRANSACTIONS;
}

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
