// The functions templates may call: Go's own and those that the docker command adds.
import { UsageError } from '../errors.ts';
import { formatVerbs } from './printf.ts';
import { isTrue, printValue } from './values.ts';

export type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** What `pad` and `truncate` may be asked for: templates are written by people, not by machines. */
const MAX_PADDING = 10_000;

export const FUNCTIONS: Functions = {
  json: (value) => JSON.stringify(value ?? null),
  join: (items, separator) => listOf(items).map(printValue).join(textOf(separator)),
  split: (text, separator) => textOf(text).split(textOf(separator)),
  upper: (text) => textOf(text).toUpperCase(),
  lower: (text) => textOf(text).toLowerCase(),
  title: (text) => textOf(text).replace(/(^|\s)(\S)/g, (all) => all.toUpperCase()),
  pad: (text, before, after) => {
    const value = textOf(text);
    return value === '' ? '' : `${blanks(before)}${value}${blanks(after)}`;
  },
  truncate: (text, length) => textOf(text).slice(0, Math.max(0, numberOf(length))),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce(indexInto, value),
  slice: (value, from, to) => sliceOf(value, from, to),
  print: (...values) => values.map(printValue).join(''),
  println: (...values) => `${values.map(printValue).join(' ')}\n`,
  printf: (format, ...values) => formatVerbs(textOf(format), values),
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => same(first, other)),
  ne: (a, b) => !same(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  html: (text) => textOf(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  urlquery: (text) => encodeURIComponent(textOf(text)),
};

/** The header line of a table runs the same template; there these leave the header's words as they are. */
export const HEADER_FUNCTIONS: Functions = {
  ...FUNCTIONS,
  ...Object.fromEntries(
    ['json', 'title', 'lower', 'upper', 'truncate', 'println', 'join', 'split', 'pad'].map((name) => [
      name,
      (value: unknown) => value,
    ]),
  ),
};

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : printValue(value);
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') {
    throw new UsageError(`template: expected a number, found ${printValue(value)}`);
  }
  return value;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) && value !== undefined && value !== null) {
    throw new UsageError(`template: expected a list, found ${printValue(value)}`);
  }
  return value ?? [];
}

function blanks(count: unknown): string {
  return ' '.repeat(Math.min(Math.max(0, numberOf(count)), MAX_PADDING));
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') {
    return Buffer.byteLength(value);
  }
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? value.length : Object.keys(value).length;
  }
  if (value === undefined || value === null) {
    return 0;
  }
  throw new UsageError(`template: len of ${printValue(value)}`);
}

function indexInto(value: unknown, key: unknown): unknown {
  if (Array.isArray(value) || typeof value === 'string') {
    const at = numberOf(key);
    if (!Number.isInteger(at) || at < 0 || at >= value.length) {
      throw new UsageError(`template: error calling index: index out of range: ${at}`);
    }
    return value[at];
  }
  if (typeof value === 'object' && value !== null) {
    const name = textOf(key);
    return Object.hasOwn(value, name) ? Reflect.get(value, name) : '';
  }
  throw new UsageError('template: error calling index: index of untyped nil');
}

function sliceOf(value: unknown, from: unknown, to: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw new UsageError(`template: can't slice ${printValue(value)}`);
  }
  return value.slice(from === undefined ? 0 : numberOf(from), to === undefined ? undefined : numberOf(to));
}

function same(a: unknown, b: unknown): boolean {
  return (a ?? undefined) === (b ?? undefined);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    return a - b;
  }
  if (typeof a === 'string' && typeof b === 'string') {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  throw new UsageError(`template: incompatible types for comparison: ${printValue(a)} and ${printValue(b)}`);
}
