// The committed tables: objects by id, ids in order, and every index. It is changed by applied raft
// entries alone and knows nothing of transactions or bytes.
import { assert } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { TableName, Tables } from './api.ts';
import { INDEXES, INDEX_NAMES, type IndexName, keysOf } from './indexes.ts';
import { SortedIds } from './sorted_ids.ts';
import type { Source } from './source.ts';

/** The objects of a table as they were at one moment, while the table goes on changing. */
class FrozenTable<T extends TableName> {
  /** What was there of the objects that were changed or removed since. */
  readonly before = new Map<Id, Tables[T]>();
  private readonly ids: readonly (readonly Id[])[];
  private readonly objects: ReadonlyMap<Id, Tables[T]>;

  constructor(ids: readonly (readonly Id[])[], objects: ReadonlyMap<Id, Tables[T]>) {
    this.ids = ids;
    this.objects = objects;
  }

  *[Symbol.iterator](): Generator<Tables[T], void, undefined> {
    for (const chunk of this.ids) {
      for (const id of chunk) {
        const object = this.before.get(id) ?? this.objects.get(id);
        assert(object !== undefined, 'an object of a frozen table is kept');
        yield object;
      }
    }
  }
}

class Table<T extends TableName> {
  readonly ids = new SortedIds();
  /** Held weakly: one that nobody reads any more needs nothing kept. */
  private frozen: WeakRef<FrozenTable<T>>[] = [];
  readonly objects = new Map<Id, Tables[T]>();
  private readonly indexes = new Map<IndexName, Index>();
  private readonly name: T;

  constructor(name: T) {
    this.name = name;
    for (const index of INDEX_NAMES) {
      if (INDEXES[name][index] !== undefined) {
        this.indexes.set(index, new Map());
      }
    }
  }

  /** The objects as they are now, in order. Copies the ids alone, so that it takes no time worth noticing. */
  freeze(): Iterable<Tables[T]> {
    const frozen = new FrozenTable<T>(this.ids.copy(), this.objects);
    this.frozen.push(new WeakRef(frozen));
    return frozen;
  }

  private keepForFrozen(id: Id, previous: Tables[T]): void {
    this.frozen = this.frozen.filter((reference) => {
      const frozen = reference.deref();
      if (frozen !== undefined && !frozen.before.has(id)) {
        frozen.before.set(id, previous);
      }
      return frozen !== undefined;
    });
  }

  /** Sets or (with undefined) removes an object; returns what was there. */
  put(id: Id, object: Tables[T] | undefined): Tables[T] | undefined {
    const previous = this.objects.get(id);
    if (previous !== undefined && this.frozen.length > 0) {
      this.keepForFrozen(id, previous);
    }
    if (object === undefined) {
      this.objects.delete(id);
      this.ids.remove(id);
    } else {
      this.objects.set(id, object);
      if (previous === undefined) {
        this.ids.add(id);
      }
    }
    for (const [index, entries] of this.indexes) {
      const before = previous === undefined ? [] : keysOf(this.name, index, previous);
      const after = object === undefined ? [] : keysOf(this.name, index, object);
      reindex(entries, id, before, after);
    }
    return previous;
  }

  *byIds(ids: Iterable<Id>): Generator<Tables[T], void, undefined> {
    for (const id of ids) {
      yield this.present(id);
    }
  }

  lookup(index: IndexName, key: string): readonly Tables[T][] {
    const held = this.indexes.get(index)?.get(key);
    if (held === undefined) {
      return [];
    }
    return typeof held === 'string' ? [this.present(held)] : this.listed(held);
  }

  private listed(ids: SortedIds): Tables[T][] {
    const found: Tables[T][] = [];
    ids.forEach((id) => {
      found.push(this.present(id));
    });
    return found;
  }

  /** The object of an indexed id; the message of the assertion is built only when it fails. */
  private present(id: Id): Tables[T] {
    const object = this.objects.get(id);
    if (object === undefined) {
      assert(false, `an index of ${this.name} names ${id}, which is not there`);
    }
    return object;
  }
}

/** By key, the one id or the set of them: most keys (names, slots) have one, and 100,000 sets of one id weigh much. */
type Index = Map<string, Id | SortedIds>;

function reindex(entries: Index, id: Id, before: readonly string[], after: readonly string[]): void {
  if (before.length === 1 && after.length === 1 && before[0] === after[0]) {
    return;
  }
  for (const key of before) {
    if (!after.includes(key)) {
      removeKey(entries, key, id);
    }
  }
  for (const key of after) {
    if (!before.includes(key)) {
      addKey(entries, key, id);
    }
  }
}

function addKey(entries: Index, key: string, id: Id): void {
  const held = entries.get(key);
  if (held === undefined) {
    entries.set(key, id);
  } else if (typeof held !== 'string') {
    held.add(id);
  } else if (held !== id) {
    const ids = new SortedIds();
    ids.add(held);
    ids.add(id);
    entries.set(key, ids);
  }
}

function removeKey(entries: Index, key: string, id: Id): void {
  const held = entries.get(key);
  if (held === id) {
    entries.delete(key);
  } else if (held !== undefined && typeof held !== 'string') {
    held.remove(id);
    if (held.size === 0) {
      entries.delete(key);
    }
  }
}

type AllTables = { readonly [T in TableName]: Table<T> };

function emptyTables(): AllTables {
  return {
    cluster: new Table('cluster'),
    node: new Table('node'),
    service: new Table('service'),
    task: new Table('task'),
    network: new Table('network'),
    secret: new Table('secret'),
    config: new Table('config'),
    volume: new Table('volume'),
  };
}

export class State implements Source {
  private tables: AllTables = emptyTables();
  private newest = 0;

  /** The newest time that any object was written at, epoch ms, removed ones too; 0 at first. */
  get latestTime(): number {
    return this.newest;
  }

  get<T extends TableName>(table: T, id: Id): Tables[T] | undefined {
    return this.tables[table].objects.get(id);
  }

  all<T extends TableName>(table: T): Iterable<Tables[T]> {
    const rows: Table<T> = this.tables[table];
    return { [Symbol.iterator]: () => rows.byIds(rows.ids) };
  }

  count(table: TableName): number {
    return this.tables[table].ids.size;
  }

  prefix<T extends TableName>(table: T, prefix: string): readonly Tables[T][] {
    const rows: Table<T> = this.tables[table];
    return [...rows.byIds(rows.ids.withPrefix(prefix))];
  }

  lookup<T extends TableName>(table: T, index: IndexName, key: string): readonly Tables[T][] {
    const rows: Table<T> = this.tables[table];
    return rows.lookup(index, key);
  }

  /** All objects of a table as they are now, whatever becomes of the table; to be read once, at leisure. */
  freeze<T extends TableName>(table: T): Iterable<Tables[T]> {
    const rows: Table<T> = this.tables[table];
    return rows.freeze();
  }

  /** Sets or (with undefined) removes an object; returns what was there. */
  put<T extends TableName>(table: T, id: Id, object: Tables[T] | undefined): Tables[T] | undefined {
    const rows: Table<T> = this.tables[table];
    if (object !== undefined && object.meta.updatedAt > this.newest) {
      this.newest = object.meta.updatedAt;
    }
    return rows.put(id, object);
  }

  /** Takes over the tables of another state, which must not be used any more. */
  adopt(other: State): void {
    this.tables = other.tables;
    this.newest = Math.max(this.newest, other.newest);
  }
}
