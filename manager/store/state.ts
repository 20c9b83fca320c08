// The committed tables: objects by id, ids in order, and every index. It is changed by applied raft
// entries alone and knows nothing of transactions or bytes.
import { assert } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { TableName, Tables } from './api.ts';
import { INDEXES, INDEX_NAMES, type IndexName, keysOf } from './indexes.ts';
import { SortedIds } from './sorted_ids.ts';
import type { Source } from './source.ts';

class Table<T extends TableName> {
  readonly ids = new SortedIds();
  readonly objects = new Map<Id, Tables[T]>();
  private readonly indexes = new Map<IndexName, Map<string, SortedIds>>();
  private readonly name: T;

  constructor(name: T) {
    this.name = name;
    for (const index of INDEX_NAMES) {
      if (INDEXES[name][index] !== undefined) {
        this.indexes.set(index, new Map());
      }
    }
  }

  /** Sets or (with undefined) removes an object; returns what was there. */
  put(id: Id, object: Tables[T] | undefined): Tables[T] | undefined {
    const previous = this.objects.get(id);
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
    const ids = this.indexes.get(index)?.get(key);
    return ids === undefined ? [] : this.listed(ids);
  }

  listed(ids: SortedIds): Tables[T][] {
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

function reindex(
  entries: Map<string, SortedIds>,
  id: Id,
  before: readonly string[],
  after: readonly string[],
): void {
  if (before.length === 1 && after.length === 1 && before[0] === after[0]) {
    return;
  }
  for (const key of before) {
    if (!after.includes(key)) {
      const ids = entries.get(key);
      ids?.remove(id);
      if (ids?.size === 0) {
        entries.delete(key);
      }
    }
  }
  for (const key of after) {
    if (!before.includes(key)) {
      const ids = entries.get(key) ?? new SortedIds();
      ids.add(id);
      entries.set(key, ids);
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

  /** All objects of a table as they are now. */
  list<T extends TableName>(table: T): readonly Tables[T][] {
    const rows: Table<T> = this.tables[table];
    return rows.listed(rows.ids);
  }

  /** Sets or (with undefined) removes an object; returns what was there. */
  put<T extends TableName>(table: T, id: Id, object: Tables[T] | undefined): Tables[T] | undefined {
    const rows: Table<T> = this.tables[table];
    return rows.put(id, object);
  }

  /** Takes over the tables of another state, which must not be used any more. */
  adopt(other: State): void {
    this.tables = other.tables;
  }
}
