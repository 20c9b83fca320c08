// What every noun's codec needs of single fields: times and durations in the wire's units, checked
// integers, required parts, and enums mapped by typed tables. Every refusal names message and field.
import { SkeinError } from '../errors.ts';

const NS_PER_MS = 1e6;
const US_PER_MS = 1e3;

/** Drops `readonly`, for a decoder that fills in what is present. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The one error of decoding: the sender speaks another protocol, or is hostile. */
export function malformed(field: string, problem: string): SkeinError {
  return new SkeinError('invalid', 'malformed-message', `${field} ${problem}`, { data: { field } });
}

/** A part without which the message means nothing. */
export function required<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) {
    throw malformed(field, 'is missing');
  }
  return value;
}

/** A text that may not be empty, such as an id. */
export function nonEmpty(value: string, field: string): string {
  if (value === '') {
    throw malformed(field, 'is missing');
  }
  return value;
}

/** A whole number that a double holds exactly; 64-bit fields can carry larger ones. */
export function integer(value: number, field: string): number {
  if (!Number.isSafeInteger(value)) {
    throw malformed(field, `is out of range (${value})`);
  }
  return value;
}

/** Milliseconds (possibly fractional) to nanoseconds. */
export function encodeDuration(ms: number): number {
  return Math.round(ms * NS_PER_MS);
}

/** Nanoseconds to milliseconds; exact to the nanosecond up to 26 days (2^51 ns), whole milliseconds up to 18 years. */
export function decodeDuration(ns: number): number {
  return ns / NS_PER_MS;
}

/** Epoch milliseconds to microseconds, finer parts are rounded. */
export function encodeTime(ms: number): number {
  return Math.round(ms * US_PER_MS);
}

/** Microseconds to epoch milliseconds. */
export function decodeTime(us: number, field: string): number {
  return integer(us, field) / US_PER_MS;
}

/** Bytes that stay valid when the received message's buffer is reused. */
export function decodeBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

type EnumTable<Proto extends string, Model extends string> = Readonly<Record<Proto, Model | undefined>>;

/** `unknown` when the table reaches every value of the model's union, else an error that shows the rest. */
type Covers<Model extends string, Table> = [Exclude<Model, Table[keyof Table]>] extends [never]
  ? unknown
  : { readonly missing: Exclude<Model, Table[keyof Table]> };

export interface EnumCodec<Proto extends string, Model extends string> {
  encode(value: Model): Proto;
  /** Takes any string or number: what a newer or hostile peer sends. */
  decode(value: Proto | undefined, field: string): Model;
}

/**
 * Maps a generated enum to a string union by one table: a value that the .proto or the model gains and the
 * table lacks does not compile. `undefined` marks the values that are never valid (UNSPECIFIED).
 * Called twice because TypeScript infers type arguments all or none: `enumCodec<P, M>()({…})`.
 */
export function enumCodec<Proto extends string, Model extends string>() {
  return <const Table extends EnumTable<Proto, Model>>(
    table: Table & Covers<Model, Table>,
  ): EnumCodec<Proto, Model> => {
    const entries = Object.entries<Model | undefined>(table) as [Proto, Model | undefined][];
    const toModel = new Map<unknown, Model>();
    const toProto = new Map<Model, Proto>();
    for (const [proto, model] of entries) {
      if (model !== undefined) {
        toModel.set(proto, model);
        toProto.set(model, proto);
      }
    }
    return {
      encode(value) {
        const proto = toProto.get(value);
        if (proto === undefined) {
          throw new TypeError(`no wire value for ${JSON.stringify(value)}`);
        }
        return proto;
      },
      decode(value, field) {
        const model = toModel.get(value);
        if (model === undefined) {
          throw malformed(field, `has the unknown value ${JSON.stringify(value)}`);
        }
        return model;
      },
    };
  };
}
