// fast-check arbitraries for single values as the model has them and the wire can carry: ids, texts, amounts,
// times. Lists and maps are short, so that a property's thousand runs stay fast; numbers reach their extremes.
import fc from 'fast-check';
import type { Annotations, Id, Labels } from '../../shared/model/meta.ts';

export type Arbitrary<T> = fc.Arbitrary<T>;

const BASE36 = [...'0123456789abcdefghijklmnopqrstuvwxyz'];
const NS_PER_MS = 1e6;
const US_PER_MS = 1e3;
/** Below this, dividing by a power of ten and multiplying again gives the same whole number. */
const EXACT = 2 ** 51;
/** 15 years, in milliseconds. */
const YEARS_MS = 4.7e11;

export const id: Arbitrary<Id> = fc.string({
  unit: fc.constantFrom(...BASE36),
  minLength: 25,
  maxLength: 25,
});

/** Any text that UTF-8 can carry. */
export const text: Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 12 });

/** `__proto__` cannot be a key of a plain object, so no map of the model holds it. */
export const key: Arbitrary<string> = text.filter((name) => name !== '__proto__');

export const texts: Arbitrary<readonly string[]> = fc.array(text, { maxLength: 3 });
export const labels: Arbitrary<Labels> = fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true });

/** Whole numbers with their extremes, negative ones too: amounts as a user may have typed them. */
export const amount: Arbitrary<number> = fc.oneof(fc.integer(), fc.maxSafeInteger());
export const count: Arbitrary<number> = fc.maxSafeNat();

/** Milliseconds: to the nanosecond up to 26 days, whole ones up to 15 years. */
export const duration: Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: EXACT }).map((ns) => ns / NS_PER_MS),
  fc.integer({ min: 0, max: YEARS_MS }),
);

/** Epoch milliseconds, to the microsecond, up to the year 2041. */
export const time: Arbitrary<number> = fc.integer({ min: 0, max: EXACT }).map((us) => us / US_PER_MS);

export const bytes: Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 64 });

/** As fc.record, with the names of the keys that may be absent. */
export function record<T extends object>(
  fields: { [K in keyof Required<T>]: Arbitrary<Exclude<T[K], undefined>> },
  optional: readonly (keyof T)[] = [],
): Arbitrary<T> {
  const requiredKeys = (Object.keys(fields) as (keyof T)[]).filter((name) => !optional.includes(name));
  return fc.record(fields, { requiredKeys, noNullPrototype: true }) as unknown as Arbitrary<T>;
}

export function list<T>(element: Arbitrary<T>): Arbitrary<readonly T[]> {
  return fc.array(element, { maxLength: 2 });
}

export const annotations = { name: text, labels } satisfies Record<keyof Annotations, unknown>;
