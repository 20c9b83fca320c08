// Docker's list filters: values of one name are alternatives, labels must all hold, names must all hold.
// Each noun lists its names with a test; a name that is not listed is an error.
import type { Filters } from '../../shared/protocol/control.ts';
import { invalid } from './errors.ts';

/** Does the object match one value of the filter? */
export type FilterTest<V> = (object: V, value: string) => boolean;

export interface FilterRule<V> {
  readonly test: FilterTest<V>;
  /** `any` (default): one value must match; `all`: every value must. */
  readonly quantifier?: 'any' | 'all';
  /** The only values allowed; anything goes when absent. */
  readonly values?: readonly string[];
}

export type FilterRules<V> = Readonly<Record<string, FilterRule<V>>>;

/** Builds the test of one request once; throws `bad-filter` for unknown names and values. */
export function compileFilters<V>(filters: Filters, rules: FilterRules<V>): (object: V) => boolean {
  const tests = Object.entries(filters).map(([name, values]) => compileOne(name, values, rules));
  return (object) => tests.every((test) => test(object));
}

function compileOne<V>(name: string, values: readonly string[], rules: FilterRules<V>) {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule === undefined) {
    throw invalid(`invalid filter '${name}': use one of ${Object.keys(rules).sort().join(', ')}`);
  }
  for (const value of values) {
    if (rule.values !== undefined && !rule.values.includes(value)) {
      throw invalid(`invalid filter '${name}=${value}': use one of ${rule.values.join(', ')}`);
    }
  }
  if (values.length === 0) {
    return () => true;
  }
  return rule.quantifier === 'all'
    ? (object: V) => values.every((value) => rule.test(object, value))
    : (object: V) => values.some((value) => rule.test(object, value));
}

/** `key` asks for presence, `key=value` for that value. */
export function labelMatches(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals === -1) {
    return Object.hasOwn(labels, wanted);
  }
  const key = wanted.slice(0, equals);
  return Object.hasOwn(labels, key) && labels[key] === wanted.slice(equals + 1);
}

/** A label filter over the labels that `labelsOf` finds. */
export function labelRule<V>(labelsOf: (object: V) => Readonly<Record<string, string>>): FilterRule<V> {
  return { quantifier: 'all', test: (object, value) => labelMatches(labelsOf(object), value) };
}

/** Docker matches ids by prefix. */
export const idRule: FilterRule<{ readonly id: string }> = {
  test: (object, value) => object.id.startsWith(value),
};
