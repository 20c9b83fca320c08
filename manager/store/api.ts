// What the control loops know of the store: consistent reads, transactions, and word of every commit.
// They depend on these interfaces alone; the store behind them is replicated by raft.
import type { Id } from '../../shared/model/meta.ts';
import type { ModelObjects } from '../../shared/model/objects.ts';
import type { Service } from '../../shared/model/service.ts';
import type { Task, TaskState } from '../../shared/model/task.ts';

export type Tables = ModelObjects;

export type TableName = keyof Tables;

/** Reads of one consistent state; objects are frozen. Iteration order is by id. */
export interface ReadView {
  get<T extends TableName>(table: T, id: Id): Tables[T] | undefined;
  all<T extends TableName>(table: T): Iterable<Tables[T]>;
  count(table: TableName): number;
  /** Exact name: spec name; for nodes the host name (several may share it); for tasks the task name. */
  byName<T extends TableName>(table: T, name: string): readonly Tables[T][];
  byIdPrefix<T extends TableName>(table: T, prefix: string): readonly Tables[T][];
  tasksByService(serviceId: Id): readonly Task[];
  tasksByNode(nodeId: Id): readonly Task[];
  tasksBySlot(serviceId: Id, slot: number): readonly Task[];
  tasksByDesiredState(state: TaskState): readonly Task[];
  /** Tasks with an attachment to the network (allocated ones), whatever their state. */
  tasksByNetwork(networkId: Id): readonly Task[];
  tasksBySecret(secretId: Id): readonly Task[];
  tasksByConfig(configId: Id): readonly Task[];
  servicesByNetwork(networkId: Id): readonly Service[];
  servicesBySecret(secretId: Id): readonly Service[];
  servicesByConfig(configId: Id): readonly Service[];
}

/**
 * Sees its own writes. `update` compares `meta.version` with the stored object's: a stale one throws a
 * `conflict` error "update out of sequence". The store fills `meta` (version, times) at commit; what a
 * caller passes in `createdAt`/`updatedAt` is ignored.
 */
export interface WriteTransaction extends ReadView {
  /** Time the leader stamps on this transaction, epoch ms; never before that of any committed one. */
  readonly now: number;
  create<T extends TableName>(table: T, object: Tables[T]): void;
  update<T extends TableName>(table: T, object: Tables[T]): void;
  remove(table: TableName, id: Id): void;
}

export type StoreChange = {
  [T in TableName]:
    | { readonly table: T; readonly action: 'create'; readonly object: Tables[T] }
    | {
        readonly table: T;
        readonly action: 'update';
        readonly object: Tables[T];
        readonly previous: Tables[T];
      }
    | { readonly table: T; readonly action: 'remove'; readonly object: Tables[T] };
}[TableName];

/** One committed raft entry as it changed the store. */
export interface Commit {
  readonly version: number;
  readonly time: number;
  readonly changes: readonly StoreChange[];
}

export type StoreEvent =
  | { readonly kind: 'commit'; readonly commit: Commit }
  /** Everything may have changed: a snapshot replaced the state. */
  | { readonly kind: 'restored' };

export interface Store {
  /** The applied state of this manager, now; valid until the next await. */
  readonly view: ReadView;
  /** The `now` of a transaction that began now: what stored times are to be compared with, not this host's clock. */
  now(): number;
  /**
   * Runs the function on the newest state and commits its writes as one unit; resolves with its result after
   * commit and apply. A function that throws changes nothing and rejects. May run the function later, together
   * with others (group commit), but only once. Rejects with `not-leader` (unavailable) when leadership is lost.
   * The function must be synchronous and must not keep the transaction.
   */
  update<R>(write: (tx: WriteTransaction) => R): Promise<R>;
  /** Called synchronously after each commit or restore, in order; must not throw. Returns the unsubscriber. */
  watch(listener: (event: StoreEvent) => void): () => void;
}

/** Largest raft entry; transactions that would be larger are refused, batches are split before it. */
export const MAX_ENTRY_BYTES = 1.5 * 1024 * 1024;
/** Most objects a control loop should change in one transaction (Swarm's batch limit). */
export const MAX_CHANGES_PER_TRANSACTION = 200;
