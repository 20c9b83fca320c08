// Writes that are not committed yet, laid over a state or over another overlay, so that a transaction sees
// its own writes and those it runs on top of. Throwing an overlay away leaves no trace.
import type { Id } from '../../shared/model/meta.ts';
import type { TableName, Tables } from './api.ts';
import { type IndexName, keysOf } from './indexes.ts';
import type { Source } from './source.ts';

/** One object touched: as the parent has it (`before`) and as it is now; undefined means not there. */
export type Touched = {
  [T in TableName]: {
    readonly table: T;
    readonly id: Id;
    readonly before: Tables[T] | undefined;
    readonly after: Tables[T] | undefined;
  };
}[TableName];

type Writes = { [T in TableName]?: Map<Id, Tables[T] | undefined> };

export class Overlay implements Source {
  private parent: Source;
  /** Of the tables that were written to: most transactions write to one, and eight maps are most of what they cost. */
  private readonly writes: Writes = {};
  /** What was touched, in the order of the first touch. */
  private readonly order: { readonly table: TableName; readonly id: Id }[] = [];

  constructor(parent: Source) {
    this.parent = parent;
  }

  /** The parent's writes are in this state now. */
  settleOn(state: Source): void {
    this.parent = state;
  }

  /** Objects touched so far. */
  get size(): number {
    return this.order.length;
  }

  get<T extends TableName>(table: T, id: Id): Tables[T] | undefined {
    const writes = this.written(table);
    return writes?.has(id) === true ? writes.get(id) : this.parent.get(table, id);
  }

  put<T extends TableName>(table: T, id: Id, object: Tables[T] | undefined): void {
    let writes = this.written(table);
    if (writes === undefined) {
      writes = new Map();
      (this.writes[table] as typeof writes) = writes;
    }
    if (!writes.has(id)) {
      this.order.push({ table, id });
    }
    writes.set(id, object);
  }

  /** The net effect of all writes, in the order of the first touch; an object made and removed is left out. */
  touched(): readonly Touched[] {
    return this.order
      .map(({ table, id }) => this.touch(table, id))
      .filter((touched) => touched.before !== undefined || touched.after !== undefined);
  }

  all<T extends TableName>(table: T): Iterable<Tables[T]> {
    const writes = this.written(table);
    const parent = this.parent.all(table);
    return writes === undefined ? parent : { [Symbol.iterator]: () => merged(parent, writes) };
  }

  count(table: TableName): number {
    let count = this.parent.count(table);
    for (const [id, object] of this.writes[table] ?? []) {
      const before = this.parent.get(table, id);
      count += (object === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    }
    return count;
  }

  prefix<T extends TableName>(table: T, prefix: string): readonly Tables[T][] {
    return this.select(table, this.parent.prefix(table, prefix), (object) => object.id.startsWith(prefix));
  }

  lookup<T extends TableName>(table: T, index: IndexName, key: string): readonly Tables[T][] {
    return this.select(table, this.parent.lookup(table, index, key), (object) =>
      keysOf(table, index, object).includes(key),
    );
  }

  /** The parent's result with the writes of this overlay applied to it. */
  private select<T extends TableName>(
    table: T,
    found: readonly Tables[T][],
    matches: (object: Tables[T]) => boolean,
  ): readonly Tables[T][] {
    const writes = this.written(table);
    if (writes === undefined) {
      return found;
    }
    const result = found.filter((object) => !writes.has(object.id));
    const kept = result.length;
    for (const object of writes.values()) {
      if (object !== undefined && matches(object)) {
        result.push(object);
      }
    }
    return result.length === kept ? result : result.sort(byId);
  }

  private written<T extends TableName>(table: T): Map<Id, Tables[T] | undefined> | undefined {
    return this.writes[table];
  }

  private touch<T extends TableName>(table: T, id: Id): Touched {
    const before = this.parent.get(table, id);
    // The four members fit together by construction; the compiler cannot correlate a union by a generic.
    return { table, id, before, after: this.writes[table]?.get(id) } as Touched;
  }
}

interface HasId {
  readonly id: Id;
}

function byId(left: HasId, right: HasId): number {
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

/** Both in id order; writes win, removed ones are left out. Writes are taken as they are at the start. */
function* merged<V extends HasId>(
  parent: Iterable<V>,
  writes: ReadonlyMap<Id, V | undefined>,
): Generator<V, void, undefined> {
  const hidden = new Set(writes.keys());
  const own = [...writes.values()].filter((object) => object !== undefined).sort(byId);
  let next = 0;
  for (const object of parent) {
    for (let mine = own[next]; mine !== undefined && mine.id <= object.id; mine = own[next]) {
      yield mine;
      next += 1;
    }
    if (!hidden.has(object.id)) {
      yield object;
    }
  }
  yield* own.slice(next);
}
