// Deterministic damage: from one valid input and a random stream, a hostile one. Knows bytes, text and JSON, and
// nothing of what they mean.
import { randomInt, type Random } from '../../shared/random.ts';

/** Longest input that is made: decoders are given what a message may be, not more. */
const MAX_INPUT_BYTES = 256 * 1024;
const MAX_DAMAGES = 6;
const EDGE_BYTES = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x22, 0x2d, 0x2f];
const EDGE_TEXTS = [
  ...[
    '',
    '0',
    '-1',
    '1e309',
    '-',
    '.',
    '..',
    '/',
    '../../etc/passwd',
    '%00',
    '\0',
    '\n',
    '::',
    '0.0.0.0/0',
    '::/0',
  ],
  ...[
    '999.1.1.1/33',
    '__proto__',
    'constructor',
    'toString',
    '{{.Service.Name}}',
    '{{',
    'a'.repeat(5000),
    '\ud800',
  ],
  ...[
    '9007199254740993',
    'null',
    'true',
    '[]',
    '{}',
    'ÿ',
    '\u202e',
    'sha256:',
    '-----BEGIN CERTIFICATE-----',
  ],
];
const EDGE_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e308, -0],
  ...[
    '',
    'x',
    '0',
    'NaN',
    '__proto__',
    'a'.repeat(5000),
    '\0',
    '{{',
    '../..',
    '\ud800',
    '10.0.0.0/33',
    '99999999999999999',
  ],
  ...[[], {}, [null], [[]], { a: null }, { __proto__: 1 }, [1, 'a', {}]],
];

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[randomInt(random, 0, items.length - 1)];
  if (item === undefined && items.length === 0) {
    throw new Error('nothing to pick from');
  }
  return item as T;
}

/** `others` are further valid inputs, to be spliced in. */
export function mutate(
  form: 'bytes' | 'text' | 'json',
  seed: Buffer,
  others: readonly Buffer[],
  random: Random,
): Buffer {
  // One in ten JSON inputs is damaged as text, so that the parser in front is asked too.
  if (form === 'json' && random.next() > 0.1) {
    return mutateJson(seed, random);
  }
  let bytes: Buffer = Buffer.from(seed);
  for (let count = randomInt(random, 1, MAX_DAMAGES); count > 0; count -= 1) {
    bytes = form === 'bytes' ? damageBytes(bytes, others, random) : damageText(bytes, others, random);
  }
  return bytes.subarray(0, MAX_INPUT_BYTES);
}

function splice(bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

function damageBytes(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  const at = randomInt(random, 0, bytes.length);
  const some = () => randomInt(random, 1, Math.min(64, Math.max(1, bytes.length)));
  switch (randomInt(random, 0, 9)) {
    case 0:
    case 1: {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << randomInt(random, 0, 7));
      return flipped;
    }
    case 2:
    case 3: {
      const changed = Buffer.from(bytes);
      changed[at] = random.next() < 0.5 ? pick(random, EDGE_BYTES) : randomInt(random, 0, 255);
      return changed;
    }
    case 4:
      return bytes.subarray(0, at);
    case 5:
      return splice(bytes, at, some(), Buffer.alloc(0));
    case 6:
      return splice(bytes, at, 0, random.bytes(some()));
    case 7: {
      const from = randomInt(random, 0, bytes.length);
      return splice(bytes, at, 0, bytes.subarray(from, from + some()));
    }
    case 8: {
      const other = pick(random, others);
      const from = randomInt(random, 0, other.length);
      return splice(bytes, at, some(), other.subarray(from, from + some() * 4));
    }
    default:
      return splice(bytes, at, 4, edgeInteger(random));
  }
}

function edgeInteger(random: Random): Buffer {
  const integer = Buffer.alloc(4);
  integer.writeUInt32LE(
    pick(random, [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff, 0x10000, 0x00ffffff]),
  );
  // A varint as long as varints get, one time in three.
  const endless = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  return pick(random, [integer, Buffer.from(integer).reverse(), endless]);
}

function damageText(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  return random.next() < 0.4
    ? splice(
        bytes,
        randomInt(random, 0, bytes.length),
        randomInt(random, 0, 3),
        Buffer.from(pick(random, EDGE_TEXTS)),
      )
    : damageBytes(bytes, others, random);
}

/** The first line stays; what follows it is read, changed in a few places, and written. */
function mutateJson(seed: Buffer, random: Random): Buffer {
  const end = seed.indexOf(0x0a) + 1;
  let value: unknown = JSON.parse(seed.subarray(end).toString() || 'null');
  for (let count = randomInt(random, 1, MAX_DAMAGES); count > 0; count -= 1) {
    value = damageValue(value, random);
  }
  return Buffer.concat([seed.subarray(0, end), Buffer.from(JSON.stringify(value) ?? 'null')]);
}

/** Walks down a random path and changes what is at its end. */
function damageValue(value: unknown, random: Random): unknown {
  if (Array.isArray(value) && value.length > 0 && random.next() < 0.85) {
    const at = randomInt(random, 0, value.length - 1);
    if (random.next() < 0.1) {
      return random.next() < 0.5 ? value.toSpliced(at, 1) : Array.from({ length: 300 }, () => value[at]);
    }
    return value.with(at, damageValue(value[at], random));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && random.next() < 0.9) {
    const entries = Object.entries(value);
    if (entries.length > 0) {
      const at = randomInt(random, 0, entries.length - 1);
      const [key, inner] = entries[at] ?? ['', undefined];
      if (random.next() < 0.15) {
        const changed = random.next() < 0.5 ? [] : [[pick(random, EDGE_TEXTS), inner] as [string, unknown]];
        return Object.fromEntries(entries.toSpliced(at, 1, ...changed));
      }
      return Object.fromEntries(entries.with(at, [key, damageValue(inner, random)]));
    }
  }
  if (typeof value === 'string' && random.next() < 0.5) {
    const cut = randomInt(random, 0, value.length);
    return value.slice(0, cut) + pick(random, EDGE_TEXTS) + value.slice(cut + randomInt(random, 0, 3));
  }
  return pick(random, EDGE_VALUES);
}
