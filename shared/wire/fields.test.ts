// Single fields: units that come back exactly, and the gate that keeps enum tables complete.
import { describe, expect, it } from 'vitest';
import { decodeDuration, decodeTime, encodeDuration, encodeTime, enumCodec } from './fields.ts';

describe('units', () => {
  it.each([
    [0, 0],
    [0.000001, 1],
    [0.1, 100_000],
    [1.5, 1_500_000],
    [5000, 5_000_000_000],
    [7_776_000_000, 7_776_000_000_000_000],
    // A year is beyond 2^53 ns, and still exact.
    [31_536_000_000, 31_536_000_000_000_000],
    [-1, -1_000_000],
  ])('%d ms is %d ns and back', (ms, ns) => {
    expect(encodeDuration(ms)).toBe(ns);
    expect(decodeDuration(ns)).toBe(ms);
  });

  it.each([
    [0, 0],
    [1_795_211_078_123, 1_795_211_078_123_000],
    [1_795_211_078_123.456, 1_795_211_078_123_456],
  ])('moment %d ms is %d us and back', (ms, us) => {
    expect(encodeTime(ms)).toBe(us);
    expect(decodeTime(us, 'X.at')).toBe(ms);
  });
});

describe('enum tables', () => {
  type Proto = 'COLOUR_UNSPECIFIED' | 'COLOUR_RED' | 'COLOUR_BLUE';
  type Model = 'red' | 'blue';

  const colour = enumCodec<Proto, Model>()({
    COLOUR_UNSPECIFIED: undefined,
    COLOUR_RED: 'red',
    COLOUR_BLUE: 'blue',
  });

  it('map both ways by one table', () => {
    expect(colour.encode('red')).toBe('COLOUR_RED');
    expect(colour.decode('COLOUR_BLUE', 'X.colour')).toBe('blue');
  });

  it('refuse what is unspecified, unknown or missing', () => {
    for (const value of ['COLOUR_UNSPECIFIED', 'COLOUR_GREEN', 7, undefined, 'toString', '__proto__']) {
      expect(() => colour.decode(value as Proto, 'X.colour')).toThrow(
        expect.objectContaining({ code: 'malformed-message', data: { field: 'X.colour' } }),
      );
    }
  });

  it('throw on a model value that is none, rather than send nothing', () => {
    expect(() => colour.encode('green' as Model)).toThrow(TypeError);
  });

  it('do not compile without every value of the .proto and of the model', () => {
    // @ts-expect-error COLOUR_BLUE was added to the .proto and is not in the table.
    enumCodec<Proto, 'red'>()({ COLOUR_UNSPECIFIED: undefined, COLOUR_RED: 'red' });
    // @ts-expect-error 'green' was added to the model and no value of the .proto stands for it.
    enumCodec<Proto, Model | 'green'>()({
      COLOUR_UNSPECIFIED: undefined,
      COLOUR_RED: 'red',
      COLOUR_BLUE: 'blue',
    });
    // @ts-expect-error 'green' is no value of the model.
    enumCodec<Proto, Model>()({ COLOUR_UNSPECIFIED: undefined, COLOUR_RED: 'red', COLOUR_BLUE: 'green' });
    expect.assertions(0);
  });
});
