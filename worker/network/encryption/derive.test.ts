// Keys and SPIs of encrypted networks: fixed vectors (a change of them cuts nodes of two versions off from
// each other), and the properties that make them safe.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type End, pairKey, spiOf } from './derive.ts';

const key = { epoch: 7, secret: Uint8Array.from({ length: 32 }, (_, index) => index) };
const one: End = { nodeId: 'node1', incarnation: '00000000000000a1', overlayIndex: 1 };
const other: End = { nodeId: 'node2', incarnation: '00000000000000b2', overlayIndex: 2 };

/** RFC 5869 written out, one block. */
function hkdf(secret: Uint8Array, salt: string, info: string, length: number): string {
  const extracted = createHmac('sha256', salt).update(secret).digest();
  const expanded = createHmac('sha256', extracted).update(info).update(Uint8Array.of(1)).digest();
  return expanded.toString('hex', 0, length);
}

describe('the key of a direction', () => {
  it('is HKDF of the secret over epoch, sender and receiver', () => {
    const info = '7\0node1\x0000000000000000a1\0node2\x0000000000000000b2';
    expect(pairKey(key, one, other)).toBe(hkdf(key.secret, 'skein esp 1', info, 20));
    expect(pairKey(key, one, other)).toBe('14cc0a4bdb3fb302e7e0cb72429755b30af54d63');
  });

  it('differs by direction, epoch, incarnation of either end, and secret', () => {
    const keys = [
      pairKey(key, one, other),
      pairKey(key, other, one),
      pairKey({ ...key, epoch: 8 }, one, other),
      pairKey(key, { ...one, incarnation: '00000000000000a2' }, other),
      pairKey(key, one, { ...other, incarnation: '00000000000000b3' }),
      pairKey({ ...key, secret: new Uint8Array(32) }, one, other),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the SPI', () => {
  it('holds the sender and the epoch', () => {
    expect(spiOf(7, one, other).toString(16)).toBe('8000f840');
    expect(Math.floor((spiOf(7, one, other) - 0x8000_0000) / 2 ** 15)).toBe(1);
    expect(Math.floor(spiOf(7, one, other) / 2 ** 13) % 4).toBe(7 % 4);
  });

  it('is one of the 32 bits that are not reserved, and never that of another sender or live epoch', () => {
    const end = fc.record({
      nodeId: fc.string(),
      incarnation: fc.string(),
      overlayIndex: fc.integer({ min: 1, max: 65_279 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1 }), end, end, end, (epoch, receiver, sender, rival) => {
        const spis = [epoch, epoch + 1, epoch + 2].map((live) => spiOf(live, sender, receiver));
        expect(new Set(spis).size).toBe(3);
        expect(spis.every((spi) => spi >= 2 ** 31 && spi < 2 ** 32)).toBe(true);
        fc.pre(rival.overlayIndex !== sender.overlayIndex);
        expect(spis).not.toContain(spiOf(epoch, rival, receiver));
      }),
    );
  });
});
