// How an operator names an object: by full id, by name, or by the beginning of its id, tried in that order
// (Docker's rule).
import type { ReadView, TableName, Tables } from '../store/api.ts';
import { ambiguous, invalid, notFound } from './errors.ts';

/** The object that the reference names; throws `not-found` or `ambiguous`. */
export function resolve<T extends TableName>(view: ReadView, table: T, ref: string): Tables[T] {
  const found = tryResolve(view, table, ref);
  if (found === undefined) {
    throw notFound(table, ref);
  }
  return found;
}

/** As `resolve`, but undefined when there is none. */
export function tryResolve<T extends TableName>(
  view: ReadView,
  table: T,
  ref: string,
): Tables[T] | undefined {
  if (ref === '') {
    throw invalid(`a ${table} id or name must be given`);
  }
  const exact = view.get(table, ref);
  if (exact !== undefined) {
    return exact;
  }
  const named = view.byName(table, ref);
  const found = named.length > 0 ? named : view.byIdPrefix(table, ref);
  if (found.length > 1) {
    throw ambiguous(table, ref, found.length);
  }
  return found[0];
}
