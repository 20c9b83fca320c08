// The replicated store: transactions in, raft entries out, committed entries applied to the tables, watchers
// told. It is the state machine that raft drives. It knows no byte format (the codec is handed in), no
// network and no disk.
import type { Clock } from '../../shared/clock.ts';
import { assert } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { AppliedEntry, StateMachine } from '../raft/api.ts';
import type {
  Commit,
  ReadView,
  Store,
  StoreChange,
  StoreEvent,
  TableName,
  Tables,
  WriteTransaction,
} from './api.ts';
import type { RecordedChange, StoreBatch, StoreCodec } from './codec.ts';
import { GroupCommit, type Proposer } from './group_commit.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { State } from './state.ts';
import { StoreTime } from './store_time.ts';
import { withMeta } from './transaction.ts';
import { View } from './view.ts';

export interface StoreDependencies {
  readonly proposer: Proposer;
  readonly codec: StoreCodec;
  readonly clock: Clock;
  /** Runs a callback after the event loop has turned; absent: before that. */
  readonly defer?: ((callback: () => void) => void) | undefined;
}

export class ReplicatedStore implements Store, StateMachine {
  readonly view: ReadView;
  private readonly codec: StoreCodec;
  private readonly state = new State();
  private readonly time: StoreTime;
  private readonly commits: GroupCommit;
  private readonly listeners = new Set<(event: StoreEvent) => void>();
  private appliedIndex = 0;

  constructor(dependencies: StoreDependencies) {
    this.codec = dependencies.codec;
    this.view = new View(this.state);
    this.time = new StoreTime(dependencies.clock, () => this.state.latestTime);
    this.commits = new GroupCommit({ ...dependencies, time: this.time, state: this.state });
  }

  /** Raft index of the newest entry or snapshot that the tables hold; 0 at first. */
  get version(): number {
    return this.appliedIndex;
  }

  now(): number {
    return this.time.now();
  }

  update<R>(write: (tx: WriteTransaction) => R): Promise<R> {
    return this.commits.submit(write);
  }

  watch(listener: (event: StoreEvent) => void): () => void {
    // Wrapped, so that the same function can watch twice and each unsubscriber ends its own watch.
    const entry = (event: StoreEvent) => listener(event);
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  /** An entry without data (raft's own) changes nothing. */
  apply(entry: AppliedEntry): void {
    assert(entry.index > this.appliedIndex, `entry ${entry.index} applied after ${this.appliedIndex}`);
    this.appliedIndex = entry.index;
    if (entry.data.length === 0) {
      return;
    }
    const batch = this.commits.batchOf(entry.data) ?? this.codec.decodeBatch(entry.data);
    const commit = applyBatch(this.state, entry.index, batch);
    this.commits.applied(entry.data);
    this.tell({ kind: 'commit', commit });
  }

  snapshot(): Iterable<Uint8Array> {
    return writeSnapshot(this.state, this.codec);
  }

  async restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const restored = await readSnapshot(chunks, this.codec);
    assert(index >= this.appliedIndex, `snapshot ${index} restored over entry ${this.appliedIndex}`);
    this.state.adopt(restored);
    this.appliedIndex = index;
    this.tell({ kind: 'restored' });
  }

  private tell(event: StoreEvent): void {
    for (const listener of [...this.listeners]) {
      if (this.listeners.has(listener)) {
        listener(event);
      }
    }
  }
}

/** Deterministic: every manager makes the same objects of the same entry. */
function applyBatch(state: State, index: number, batch: StoreBatch): Commit {
  const time = batch.timestampMs;
  const changes = batch.changes.map((change) => applyChange(state, index, time, change));
  return { version: index, time, changes };
}

function applyChange(state: State, version: number, time: number, change: RecordedChange): StoreChange {
  if (change.action === 'remove') {
    return applyRemoval(state, change.table, change.id);
  }
  return applyWrite(state, version, time, change);
}

function applyRemoval<T extends TableName>(state: State, table: T, id: Id): StoreChange {
  const object = state.put(table, id, undefined);
  assert(object !== undefined, `the log removes ${table} ${id}, which is not there`);
  // Table and object fit together by construction; the compiler cannot correlate them.
  return { table, action: 'remove', object } as StoreChange;
}

function applyWrite<T extends TableName>(
  state: State,
  version: number,
  time: number,
  change: { readonly action: 'create' | 'update'; readonly table: T; readonly object: Tables[T] },
): StoreChange {
  const { action, table } = change;
  const previous = state.get(table, change.object.id);
  const fits = (previous === undefined) === (action === 'create');
  assert(fits, `the log has a ${action} of ${table} ${change.object.id}, which does not fit the state`);
  const createdAt = previous?.meta.createdAt ?? time;
  const object: Tables[T] = withMeta(change.object, { version, createdAt, updatedAt: time });
  state.put(table, object.id, object);
  const told = previous === undefined ? { table, action, object } : { table, action, object, previous };
  return told as StoreChange;
}
