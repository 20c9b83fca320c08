// What a command-line flag is: its name in help, how its text is read, and what it is when absent.
// The kinds are pflag's (the library of the docker command), so that types read alike in --help.
import { UsageError } from '../errors.ts';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';

export interface Flag<T> {
  /** The kind as --help shows it; empty for switches. */
  readonly type: string;
  readonly usage: string;
  readonly short: string | undefined;
  /** A switch takes a value only as `--name=value`. */
  readonly isSwitch: boolean;
  readonly initial: T;
  /** `present` is the value so far: lists grow. @throws UsageError */
  parse(text: string, present: T): T;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of every type; `Values` gives each its own back.
export type FlagTable = Readonly<Record<string, Flag<any>>>;
export type Values<F extends FlagTable> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

function scalar<T>(
  type: string,
  usage: string,
  short: string | undefined,
  parse: (text: string) => T,
): Flag<T | undefined> {
  return { type, usage, short, isSwitch: false, initial: undefined, parse };
}

export function toggle(usage: string, short?: string, initial = false): Flag<boolean> {
  return { type: '', usage, short, isSwitch: true, initial, parse: parseBoolean };
}

export function text(usage: string, short?: string, type = 'string'): Flag<string | undefined> {
  return scalar(type, usage, short, (value) => value);
}

/** A flag given several times; each value is kept as written. */
export function list(usage: string, short?: string, type = 'list'): Flag<readonly string[]> {
  return {
    type,
    usage,
    short,
    isSwitch: false,
    initial: [],
    parse: (value, present) => [...present, value],
  };
}

/** A list whose values are also split at commas (pflag's stringSlice). */
export function commaList(usage: string, short?: string, type = 'strings'): Flag<readonly string[]> {
  return { ...list(usage, short, type), parse: (value, present) => [...present, ...value.split(',')] };
}

/** A flag given several times, each value parsed at once. */
export function listOf<T>(
  usage: string,
  parse: (value: string) => T | readonly T[],
  type: string,
  short?: string,
): Flag<readonly T[]> {
  const each = (value: string): readonly T[] => {
    const parsed = parse(value);
    return isList(parsed) ? parsed : [parsed];
  };
  return {
    type,
    usage,
    short,
    isSwitch: false,
    initial: [],
    parse: (value, present) => [...present, ...each(value)],
  };
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

export function integer(usage: string, short?: string): Flag<number | undefined> {
  return scalar('int', usage, short, (value) => wholeNumber(value, /^[+-]?\d+$/));
}

export function unsigned(usage: string, short?: string): Flag<number | undefined> {
  return scalar('uint', usage, short, (value) => wholeNumber(value, /^\d+$/));
}

export function float(usage: string): Flag<number | undefined> {
  return scalar('float', usage, undefined, (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number)) {
      throw new UsageError(`'${value}' is not a number`);
    }
    return number;
  });
}

/** Nanoseconds, written as Go's durations (`1h30m`, `500ms`). */
export function duration(usage: string): Flag<number | undefined> {
  return scalar('duration', usage, undefined, parseDuration);
}

/** Bytes, written as `512m` or `1.5GiB`. */
export function bytes(usage: string): Flag<number | undefined> {
  return scalar('bytes', usage, undefined, parseBytes);
}

/** CPUs in billionths, written as a decimal: `1.5`. */
export function cpus(usage: string): Flag<number | undefined> {
  return scalar('decimal', usage, undefined, (value) => {
    if (!/^\d*\.?\d+$|^\d+\.$/.test(value)) {
      throw new UsageError(`'${value}' is not a number of CPUs`);
    }
    const nano = Number(value) * 1e9;
    if (Math.abs(nano - Math.round(nano)) > 1e-3) {
      throw new UsageError('value is too precise');
    }
    return Math.round(nano);
  });
}

function wholeNumber(value: string, pattern: RegExp): number {
  const number = Number(value);
  if (!pattern.test(value) || !Number.isSafeInteger(number)) {
    throw new UsageError(
      `'${value}' is not ${pattern.source.startsWith('^\\d') ? 'an unsigned' : 'an'} integer`,
    );
  }
  return number;
}

/** The words Go's strconv.ParseBool takes. */
export function parseBoolean(value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) {
    return true;
  }
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) {
    return false;
  }
  throw new UsageError(`'${value}' is neither true nor false`);
}
