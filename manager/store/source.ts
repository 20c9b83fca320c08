// What a read view is made over: committed state, or writes laid over it. Results are in id order.
import type { Id } from '../../shared/model/meta.ts';
import type { TableName, Tables } from './api.ts';
import type { IndexName } from './indexes.ts';

export interface Source {
  get<T extends TableName>(table: T, id: Id): Tables[T] | undefined;
  all<T extends TableName>(table: T): Iterable<Tables[T]>;
  count(table: TableName): number;
  prefix<T extends TableName>(table: T, prefix: string): readonly Tables[T][];
  lookup<T extends TableName>(table: T, index: IndexName, key: string): readonly Tables[T][];
}
