// Our codecs beside proto-loader's, message by message: what one writes the other reads, and both read the same.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { randomMessage, unionsOf } from '../../test/fuzz/random_message.ts';
import { seededRandom } from '../random.ts';
import { messageTypes } from './descriptors.ts';
import { enumValue, MessageType, SCALARS } from './message_type.ts';

const folder = fileURLToPath(new URL('../../proto', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.proto'));
const definitions = loadSync(files, {
  includeDirs: [folder],
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
});
const loaded = Object.entries(definitions).filter(
  (entry): entry is [string, MessageTypeDefinition<object, object>] => 'deserialize' in entry[1],
);
const types = messageTypes((loaded[0]?.[1].fileDescriptorProtos ?? []) as readonly Buffer[]);
const protos = {
  definitions,
  unions: unionsOf(files.map((name) => readFileSync(join(folder, name), 'utf8'))),
};
const SAMPLES = 30;

it('there are messages to compare', () => {
  expect(loaded.length).toBeGreaterThan(80);
});

describe.each(loaded)('%s', (name, loader) => {
  it('is read and written as by proto-loader', () => {
    const type = types.get(name);
    const random = seededRandom(7);
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const message = type?.decode(randomMessage(protos, name, random)) ?? {};
      const written = type?.encode(message) ?? Buffer.alloc(0);
      expect(loader.deserialize(written)).toEqual(message);
      expect(type?.decode(written)).toEqual(message);
      expect(type?.decode(loader.serialize(message))).toEqual(message);
      // What is as it would be anyway is not sent.
      expect(written.length).toBeLessThanOrEqual(loader.serialize(message).length);
    }
  });
});

describe('one field', () => {
  const holding = (value: (typeof SCALARS)['string'], more: { repeated?: boolean; union?: string } = {}) => {
    const type = new MessageType();
    const { repeated = false, union } = more;
    type.define([{ name: 'it', number: 1, repeated, value, entry: undefined, union }]);
    return type;
  };
  const back = (type: MessageType, it: unknown) => type.decode(type.encode({ it }));

  it.each([
    0,
    1,
    127,
    128,
    2 ** 28,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 35,
    2 ** 53 - 1,
    -1,
    -128,
    -(2 ** 31),
    -(2 ** 32),
    -(2 ** 53) + 1,
  ])('the number %d comes back', (number) => {
    expect(back(holding(SCALARS.int64), number)).toEqual({ it: number });
  });

  it('a number below 0 is sent as 0 where there is none below', () => {
    expect(back(holding(SCALARS.uint64), -3)).toEqual({ it: 0 });
  });

  it.each([0, 42, 43, 127, 128, 16_383, 16_384, 3_000_000])(
    'a text of %d characters comes back',
    (length) => {
      for (const text of ['a'.repeat(length), 'ü'.repeat(length), '\u{1f600}'.repeat(length)]) {
        expect(back(holding(SCALARS.string), text)).toEqual({ it: text });
      }
    },
  );

  it('messages inside messages have their lengths in any size', () => {
    const inner = holding(SCALARS.bytes);
    const outer = holding(holding(inner.asValue).asValue);
    for (const length of [0, 100, 127, 128, 20_000, 2_100_000]) {
      const it = { it: { it: Buffer.alloc(length, 7) } };
      expect(back(outer, it)).toEqual({ it });
    }
  });

  it('numbers are read packed too', () => {
    const numbers = holding(SCALARS.uint64, { repeated: true });
    expect(numbers.decode(Buffer.from([0x0a, 3, 1, 0x80, 1]))).toEqual({ it: [1, 128] });
  });

  it('an enum value that nobody knows stays a number, a name that nobody knows is refused', () => {
    const choice = holding(
      enumValue(
        new Map([
          ['NO', 0],
          ['YES', 1],
        ]),
      ),
    );
    expect(back(choice, 'YES')).toEqual({ it: 'YES' });
    expect(back(choice, undefined)).toEqual({ it: 'NO' });
    expect(choice.decode(Buffer.from([8, 9]))).toEqual({ it: 9 });
    expect(() => choice.encode({ it: 'MAYBE' })).toThrow(TypeError);
  });

  it('what is no value of the field is refused, and the next message is whole', () => {
    const number = holding(SCALARS.uint64);
    expect(() => number.encode({ it: Number.NaN })).toThrow(TypeError);
    expect(() => holding(SCALARS.string).encode({ it: 7 })).toThrow(TypeError);
    expect(back(number, 7)).toEqual({ it: 7 });
  });

  it('a number, a text or a message that goes beyond its end is refused', () => {
    const nested = holding(holding(SCALARS.string).asValue);
    for (const bytes of [
      [0x0a, 3, 0x0a, 2, 0x61],
      [0x0a, 3, 0x0a, 9, 0x61],
      [0x0a, 2, 0x0a, 0x80],
      [0x0a, 1, 0x0a],
    ]) {
      expect(() => nested.decode(Buffer.from(bytes))).toThrow('cut off');
    }
    const endless = Buffer.from([8, ...Array.from({ length: 12 }, () => 0xff)]);
    expect(() => holding(SCALARS.uint64).decode(endless)).toThrow('without end');
  });
});
