// What a node plans of its peers and keys, as text; what changes with a rotation, and in which order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../shared/random.ts';
import type { XfrmPolicy, XfrmState } from '../../kernel/xfrm.ts';
import {
  describeChanges,
  diffEncryption,
  type EncryptionInput,
  type EncryptionPlan,
  type Node,
  planEncryption,
  REQID,
  stateKey,
} from './plan.ts';

const node = (index: number, incarnation = `${index}`.padStart(16, '0')): Node => ({
  ...{ nodeId: `n${index}`, overlayIndex: index, address: `10.0.0.${index}`, incarnation },
});
const secrets = seededRandom(1);
const key = (epoch: number) => ({ epoch, secret: secrets.bytes(32) });
const keys = [key(1), key(2), key(3), key(4)];
const input = (more: Partial<EncryptionInput> = {}): EncryptionInput => ({
  ...{ self: node(1), peers: [node(2)], keys: keys.slice(0, 2), sending: 1, port: 4790 },
  ...more,
});

const inKernel = (plan: EncryptionPlan) => ({
  states: Array.from(plan.states.values(), ({ state }) => state),
  policies: [...plan.policies.values()],
});
const nothing: { states: XfrmState[]; policies: XfrmPolicy[] } = { states: [], policies: [] };
const lines = (before: typeof nothing, after: EncryptionPlan, kept = false) =>
  describeChanges(diffEncryption(before, after, () => kept)).map((line) => line.replace(/0x\w+/g, 'SPI'));

describe('the plan', () => {
  it('receives and sends with each key, sends by policy with one, and lets nothing pass in clear text', () => {
    expect(lines(nothing, planEncryption(input()))).toEqual([
      'put security association 10.0.0.2 to 10.0.0.1 SPI',
      'put security association 10.0.0.1 to 10.0.0.2 SPI',
      'put security association 10.0.0.2 to 10.0.0.1 SPI',
      'put security association 10.0.0.1 to 10.0.0.2 SPI',
      'put ipsec policy out 10.0.0.1/32 10.0.0.2/32 4790',
      'put ipsec policy out 10.0.0.1/32 0.0.0.0/0 4790',
      'put ipsec policy in 0.0.0.0/0 0.0.0.0/0 4790',
    ]);
  });

  it('guards the port also without a peer', () => {
    expect(lines(nothing, planEncryption(input({ peers: [] })))).toHaveLength(2);
  });

  it('has at both ends the same association under the same name', () => {
    const here = planEncryption(input());
    const there = planEncryption(input({ self: node(2), peers: [node(1)] }));
    const states = (plan: EncryptionPlan) => new Map([...plan.states].map(([id, { state }]) => [id, state]));
    expect(states(there)).toEqual(states(here));
  });

  it('never shows a key in words', () => {
    const plan = planEncryption(input());
    const [first] = plan.states.values();
    expect(describeChanges(diffEncryption(nothing, plan, () => false)).join()).not.toContain(
      first?.state.key,
    );
  });
});

it('over IPv6 is guarded for IPv6, and leaves alone peers of the other family', () => {
  const six = (index: number): Node => ({ ...node(index), address: `fd00::${index}` });
  const plan = planEncryption(input({ self: six(1), peers: [six(2), node(3)] }));
  expect([...plan.policies.keys()]).toEqual([
    'out fd00::1/128 fd00::2/128 4790',
    'out fd00::1/128 ::/0 4790',
    'in ::/0 ::/0 4790',
  ]);
  expect(plan.states.size).toBe(4);
});

describe('a change', () => {
  const before = planEncryption(input());

  it('of nothing is none', () => {
    expect(lines(inKernel(before), before)).toEqual([]);
  });

  it('of the key to send with is one policy, replaced in place', () => {
    const next = input({ keys: keys.slice(0, 3), sending: 2 });
    const given = planEncryption({ ...next, sending: 1 });
    expect(lines(inKernel(before), given).every((line) => line.startsWith('put security'))).toBe(true);
    expect(lines(inKernel(given), planEncryption(next))).toEqual([
      'put ipsec policy out 10.0.0.1/32 10.0.0.2/32 4790',
    ]);
  });

  it('takes old keys away last, and only those', () => {
    const held = planEncryption(input({ keys: keys.slice(0, 3), sending: 2 }));
    const next = planEncryption(input({ keys: keys.slice(1, 4), sending: 3 }));
    const changes = diffEncryption(inKernel(held), next, () => false);
    expect(changes.removedStates.map(stateKey).sort()).toEqual(
      [...before.states.keys()].filter((id) => !next.states.has(id)).sort(),
    );
    expect(changes.addedStates).toHaveLength(2);
  });

  it('of a peer that left keeps its associations where they may go on, not its policy', () => {
    const alone = planEncryption(input({ peers: [] }));
    const gone = 'remove ipsec policy out 10.0.0.1/32 10.0.0.2/32 4790';
    expect(lines(inKernel(before), alone, true)).toEqual([gone]);
    expect(lines(inKernel(before), alone, false)).toHaveLength(5);
  });

  it('leaves alone what others made', () => {
    const [state] = inKernel(before).states;
    const foreign = { ...(state as XfrmState), reqid: REQID + 1, spi: 4711 };
    const policy: XfrmPolicy = { dir: 'out', selector: { src: 'a', dst: 'b', port: 1 }, priority: 1 };
    expect(
      lines({ states: [foreign], policies: [policy] }, planEncryption(input({ peers: [] }))),
    ).toHaveLength(2);
  });

  it('of one tampered with replaces it', () => {
    const kernel = inKernel(before);
    const [first, ...rest] = kernel.states;
    const changes = diffEncryption(
      { ...kernel, states: [{ ...(first as XfrmState), key: 'ff'.repeat(20) }, ...rest] },
      before,
      () => false,
    );
    expect([changes.replaced.length, changes.addedStates.length]).toEqual([1, 1]);
  });

  it('is none where a locked kernel tells zeros instead of keys', () => {
    const kernel = inKernel(before);
    const states = kernel.states.map((state) => ({ ...state, key: '00'.repeat(20) }));
    expect(lines({ ...kernel, states }, before)).toEqual([]);
  });
});

it('no two live associations share address and SPI, and no two the key, in a whole cluster over rotations', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer(),
      (count, from, seed) => {
        const random = seededRandom(seed);
        const live = [0, 1, 2].map((offset) => ({ epoch: from + offset, secret: random.bytes(32) }));
        const nodes = Array.from({ length: count }, (_, index) =>
          node(index + 1, Buffer.from(random.bytes(8)).toString('hex')),
        );
        const byPlace = new Map<string, string>();
        for (const self of nodes) {
          const plan = planEncryption({ self, peers: nodes, keys: live, sending: from + 1, port: 4790 });
          expect(plan.states.size).toBe((count - 1) * 6);
          for (const [id, { state }] of plan.states) {
            expect(byPlace.get(id) ?? state.key).toBe(state.key);
            byPlace.set(id, state.key);
          }
        }
        expect(byPlace.size).toBe(count * (count - 1) * 3);
        expect(new Set(byPlace.values()).size).toBe(byPlace.size);
      },
    ),
    { numRuns: 30 },
  );
});
