import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encryptedMtu, encryptedPort } from './encrypted.ts';

describe('the room inside an encrypted packet', () => {
  it.each([
    [1500, 4, 1416],
    [1450, 4, 1364],
    [1400, 4, 1316],
    [9000, 4, 8916],
    [1500, 6, 1396],
  ] as const)('of %i bytes over IPv%i is %i', (underlay, family, inner) => {
    expect(encryptedMtu(underlay, family)).toBe(inner);
  });

  it('is filled to the last byte that padding leaves, and never exceeded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 576, max: 65_535 }), (underlay) => {
        const inside = encryptedMtu(underlay, 4) + 30;
        const sizeOf = (payload: number) => 20 + 16 + Math.ceil((payload + 2) / 4) * 4 + 16;
        expect(sizeOf(inside)).toBeLessThanOrEqual(underlay);
        expect(sizeOf(inside + 1)).toBeGreaterThan(underlay);
      }),
    );
  });
});

it('the port of encrypted networks is the one after that of the others', () => {
  expect(encryptedPort(4789)).toBe(4790);
});
