// A node's encryption through its life, on a kernel made of two lists: what it installs, what it keeps and when it
// begins anew. The rule behind all: no key is ever installed twice, nothing goes in clear text.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../shared/log.ts';
import type { NodeEncryption } from '../../../shared/model/network_keys.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import { type Random, seededRandom } from '../../../shared/random.ts';
import { VirtualClock } from '../../../test/support/virtual_clock.ts';
import type { XfrmPolicy } from '../../kernel/xfrm.ts';
import type { XfrmStateReport } from '../../kernel/xfrm_read.ts';
import { viewOf } from '../test/views.ts';
import { Encryption } from './encryption.ts';
import { policyKey, stateKey } from './plan.ts';
import type { EncryptionKernel } from './xfrm_kernel.ts';

/** Refuses what a kernel refuses, and notes every key that it was ever given. */
class FakeKernel implements EncryptionKernel {
  readonly states = new Map<string, XfrmStateReport>();
  readonly policies = new Map<string, XfrmPolicy>();
  readonly everGiven: string[] = [];
  refuses = false;

  read(): { states: readonly XfrmStateReport[]; policies: readonly XfrmPolicy[] } {
    return { states: [...this.states.values()], policies: [...this.policies.values()] };
  }

  apply(changes: Parameters<EncryptionKernel['apply']>[0]): void {
    if (this.refuses) {
      throw new Error('no memory');
    }
    for (const state of [...changes.replaced, ...changes.removedStates]) {
      this.states.delete(stateKey(state));
    }
    for (const { state } of changes.addedStates) {
      this.states.set(stateKey(state), { ...state, bytes: 0, packets: 0, replays: 0, forged: 0 });
      this.everGiven.push(`${state.dst} ${state.key}`);
    }
    for (const policy of changes.putPolicies) {
      this.policies.set(policyKey(policy), policy);
    }
    for (const policy of changes.removedPolicies) {
      this.policies.delete(policyKey(policy));
    }
  }

  close(): void {
    // Nothing to let go.
  }
}

const hosts = [1, 2, 3].map((index) => ({ name: `h${index}`, index, address: `192.0.2.${index}` }));
const keys = [1, 2, 3, 4].map((epoch) => ({ epoch, secret: new Uint8Array(32).fill(epoch) }));

describe('the encryption of a node', () => {
  let directory: string;
  let kernel: FakeKernel;
  let clock: VirtualClock;
  let random: Random;
  let node: Encryption;
  let told: NodeEncryption[];

  const view = (members: readonly number[], sending = 1, id = 'net'): NetworkView => {
    const base = viewOf(
      hosts.filter(({ index }) => members.includes(index)),
      id,
      '10.5.0.0/24',
      [],
    );
    return {
      ...base,
      driverOptions: { encrypted: '' },
      encryption: { keys: keys.slice(Math.max(0, sending - 2), sending + 1), sending },
      nodes: base.nodes.map((one) => ({ ...one, incarnation: `${one.overlayIndex}`.repeat(16) })),
    };
  };
  const last = () => told.at(-1);
  const start = () => {
    node = new Encryption(
      { clock, log: silentLogger, random, open: () => kernel },
      { recordPath: join(directory, 'encryption.json') },
    );
    node.start();
    node.onState((state) => told.push(state));
    node.setIdentity({ nodeId: 'h1', overlayIndex: 1, vtepAddress: '192.0.2.1', dataPathPort: 4789 });
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    kernel = new FakeKernel();
    clock = new VirtualClock();
    random = seededRandom(1);
    told = [];
    start();
    node.setView(view([1, 2, 3]));
    node.complete();
  });
  afterEach(() => {
    node.close();
    rmSync(directory, { recursive: true, force: true });
    // The rule behind all.
    expect(new Set(kernel.everGiven).size).toBe(kernel.everGiven.length);
  });

  it('tells its incarnation first, and then the newest key that it receives with', () => {
    expect(told.map(({ epoch }) => epoch)).toEqual([0, 2]);
    expect(last()?.incarnation).toMatch(/^[0-9a-f]{16}$/);
    expect([kernel.states.size, kernel.policies.size]).toEqual([8, 4]);
  });

  it('goes on after a restart without touching anything', () => {
    const before = [...kernel.everGiven];
    node.close();
    start();
    expect(node.check()).toEqual([]);
    node.setView(view([1, 2, 3]));
    node.complete();
    expect(kernel.everGiven).toEqual(before);
    expect(node.check()).toEqual([]);
    expect(last()).toEqual(told[1]);
  });

  it('removes nothing after a restart before it has heard of all networks', () => {
    node.setView(view([1, 3], 1, 'other'));
    node.setView(view([1, 2], 1));
    node.close();
    start();
    node.setView(view([1, 2]));
    expect(kernel.policies.size).toBe(4);
    node.complete();
    expect(kernel.policies.size).toBe(3);
  });

  it('begins anew after a reboot: other keys for all, also where the record is still there', () => {
    const before = last();
    node.close();
    kernel.states.clear();
    kernel.policies.clear();
    start();
    node.setView(view([1, 2, 3]));
    node.complete();
    expect(last()?.incarnation).not.toBe(before?.incarnation);
    expect(kernel.states.size).toBe(8);
  });

  it('begins anew when one association is lost', () => {
    const before = last();
    const [lost] = kernel.states.keys();
    kernel.states.delete(lost ?? '');
    expect(node.check()).toHaveLength(1);
    expect(last()?.incarnation).not.toBe(before?.incarnation);
    expect(node.check()).toEqual([]);
    expect(kernel.states.size).toBe(8);
  });

  it('puts a lost policy back, with the same keys', () => {
    const before = [...kernel.everGiven];
    kernel.policies.clear();
    expect(node.check()).toHaveLength(4);
    expect([kernel.policies.size, kernel.everGiven]).toEqual([4, before]);
  });

  it('keeps a peer that left while its keys live, and goes on when it is back', () => {
    const before = [...kernel.everGiven];
    node.setView(view([1, 2]));
    expect([kernel.states.size, kernel.policies.size]).toEqual([8, 3]);
    node.setView(view([1, 2, 3]));
    expect([kernel.everGiven, kernel.policies.size]).toEqual([before, 4]);
  });

  it('forgets a peer that left once its keys are over', () => {
    node.setView(view([1, 2]));
    node.setView(view([1, 2], 2));
    node.setView(view([1, 2], 3));
    const ofThird = [...kernel.states.values()].filter(({ src, dst }) => [src, dst].includes('192.0.2.3'));
    expect(ofThird.map(({ spi }) => (spi >>> 13) % 4)).toEqual([2, 2]);
  });

  it('drops what a peer had before it began anew', () => {
    const other = view([1, 2, 3]);
    const reborn = other.nodes.map((one) =>
      one.nodeId === 'h2' ? { ...one, incarnation: 'f'.repeat(16) } : one,
    );
    node.setView({ ...other, nodes: reborn });
    expect(kernel.states.size).toBe(8);
    expect(kernel.everGiven).toHaveLength(12);
  });

  it('sends with the next key by a change of policies alone', () => {
    node.setView(view([1, 2, 3], 2));
    expect(last()?.epoch).toBe(3);
    expect(kernel.states.size).toBe(12);
    const sending = [...kernel.policies.values()].flatMap(
      ({ dir, template }) => (dir === 'out' && template) || [],
    );
    expect(sending.map(({ spi }) => (spi >>> 13) % 4)).toEqual([2, 2]);
  });

  it('leaves nothing with the last network, and comes back with other keys', () => {
    const before = last();
    node.removeView('net');
    expect([kernel.states.size, kernel.policies.size]).toEqual([0, 0]);
    expect(last()?.incarnation).not.toBe(before?.incarnation);
    node.setView(view([1, 2, 3]));
    expect(kernel.states.size).toBe(8);
  });

  it('tries again when the kernel refused, and lets no network begin before', async () => {
    kernel.refuses = true;
    node.setView(view([1, 2, 3], 2));
    expect(() => node.require(view([1, 2, 3], 2))).toThrow('no memory');
    kernel.refuses = false;
    await clock.advance(1_000);
    expect(() => node.require(view([1, 2, 3], 2))).not.toThrow();
    expect(last()?.epoch).toBe(3);
  });

  it('lets no network begin whose keys did not come', () => {
    const { encryption: _, ...without } = view([1, 2, 3], 1, 'other');
    node.setView(without);
    expect(() => node.require(without)).toThrow('no keys for the encrypted network other');
  });

  it('refuses encrypted networks, and those alone, on a kernel that cannot', () => {
    const other = new Encryption(
      { clock, log: silentLogger, random, open: () => ({ missing: 'no esp4' }) },
      { recordPath: join(directory, 'other.json') },
    );
    other.start();
    expect(() => other.refuseClearText(view([1]))).toThrow(
      /cannot take part in encrypted networks .no esp4./,
    );
    expect(() => other.refuseClearText({ ...view([1]), driverOptions: {} })).not.toThrow();
    expect(other.check()).toEqual([]);
  });
});
