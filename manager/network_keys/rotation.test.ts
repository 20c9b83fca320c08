// The rotation of the encrypted networks' keys as a table of what is decided when, and as a run through days.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkKeyring } from '../../shared/model/network_keys.ts';
import { seededRandom } from '../../shared/random.ts';
import { ACKNOWLEDGE_MS, createKeyring, decideKeys, ROTATION_PERIOD_MS, rotateKeyring } from './rotation.ts';

const random = () => seededRandom(7);
const keyring = (): NetworkKeyring => createKeyring(1_000, random());
const epochs = ({ keys }: NetworkKeyring) => keys.map(({ epoch }) => epoch);

describe('when keys are made and changed', () => {
  const ring = keyring();
  const due = ring.rotatedAt + ROTATION_PERIOD_MS;
  const ready = [{ nodeId: 'n1', epoch: 2 }];
  const late = [...ready, { nodeId: 'n2', epoch: 1 }];

  it.each([
    ['no encrypted network', undefined, false, [], 0, { action: 'wait', dueAt: Number.POSITIVE_INFINITY }],
    ['the first encrypted network', undefined, true, [], 0, { action: 'create' }],
    ['keys are young', ring, true, ready, due - 1, { action: 'wait', dueAt: due }],
    ['twelve hours are over', ring, true, ready, due, { action: 'rotate' }],
    [
      'a node has not got the next key',
      ring,
      true,
      late,
      due,
      { action: 'await-nodes', nodeIds: ['n2'], dueAt: due + ACKNOWLEDGE_MS },
    ],
    ['it never gets it', ring, true, late, due + ACKNOWLEDGE_MS, { action: 'rotate' }],
    ['an operator asks', { ...ring, rotationAskedAt: 5_000 }, true, ready, 5_000, { action: 'rotate' }],
    [
      'nobody needs them any more',
      ring,
      false,
      late,
      due,
      { action: 'wait', dueAt: Number.POSITIVE_INFINITY },
    ],
  ] as const)('%s', (_name, keys, needed, holders, now, decision) => {
    expect(decideKeys(keys, needed, holders, now)).toEqual(decision);
  });
});

describe('the keys', () => {
  it('begin with one to send with and the one after it', () => {
    expect(epochs(keyring())).toEqual([1, 2]);
    expect(keyring().sending).toBe(1);
  });

  it('are previous, current and next from the first rotation on', () => {
    const drawn = random();
    const first = createKeyring(0, drawn);
    const second = rotateKeyring(first, 10, drawn);
    expect([epochs(second), second.sending, second.rotatedAt]).toEqual([[1, 2, 3], 2, 10]);
    expect(second.keys.slice(0, 2)).toEqual(first.keys);
    expect(epochs(rotateKeyring(second, 20, drawn))).toEqual([2, 3, 4]);
  });

  it('are never sent with before they were given out for a whole period, nor received with after two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (rotations, seed) => {
        const drawn = seededRandom(seed);
        const known = new Map<number, number>();
        let ring = createKeyring(0, drawn);
        for (let now = 1; now <= rotations; now += 1) {
          for (const { epoch } of ring.keys) {
            known.set(epoch, known.get(epoch) ?? now);
          }
          const before = ring;
          ring = rotateKeyring(ring, now, drawn);
          expect(known.has(ring.sending)).toBe(true);
          expect(epochs(ring)).toContain(before.sending);
          expect(ring.rotationAskedAt).toBeUndefined();
          // Three keys at most, or two live epochs would share the two bits that SPIs have for them.
          expect(new Set(ring.keys.map(({ epoch }) => epoch % 4)).size).toBe(ring.keys.length);
        }
        const secrets = ring.keys.map(({ secret }) => Buffer.from(secret).toString('hex'));
        expect(new Set(secrets).size).toBe(secrets.length);
      }),
    );
  });
});
