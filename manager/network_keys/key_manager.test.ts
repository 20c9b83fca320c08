// The keys of encrypted networks over days, on a real store and a clock of the test's.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Logger, silentLogger } from '../../shared/log.ts';
import type { Node } from '../../shared/model/node.ts';
import { seededRandom } from '../../shared/random.ts';
import { placed } from '../../test/support/dispatcher_agent.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { cluster, network, node } from '../../test/support/objects.ts';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import { KeyManager } from './key_manager.ts';
import { ACKNOWLEDGE_MS, ROTATION_PERIOD_MS } from './rotation.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

describe('the key manager', () => {
  let clock: VirtualClock;
  let store: ReturnType<typeof memoryStore>;
  let keys: KeyManager;

  const keyring = () => [...store.view.all('cluster')][0]?.networkKeys;
  const told = () => [keyring()?.sending, keyring()?.keys.map(({ epoch }) => epoch)];
  const encrypted = (id: string) => {
    const plain = network({ id });
    return { ...plain, vni: 4097, spec: { ...plain.spec, driverOptions: { encrypted: '' } } };
  };

  beforeEach(async () => {
    clock = new VirtualClock();
    store = memoryStore({ clock });
    await store.update((tx) => {
      tx.create('cluster', cluster());
      tx.create('network', network({ id: 'plain' }));
    });
    keys = new KeyManager({ store, clock, random: seededRandom(1), log: silentLogger });
    await keys.start();
    await clock.advance(HOUR_MS);
  });
  afterEach(() => keys.stop());

  /** A node with a task on the network, that has keys up to the epoch. */
  async function holder(id: string, epoch: number): Promise<void> {
    const attachment = { networkId: 'net', addresses: ['10.0.0.5/24'], aliases: [] };
    await store.update((tx) => {
      const encryption = { incarnation: '00000000000000a1', epoch };
      tx.create('node', node({ id, encryption }));
      tx.create('task', placed(`t-${id}`, id, { networks: [attachment] }));
    });
  }

  async function acknowledge(id: string, epoch: number): Promise<void> {
    await store.update((tx) => {
      const held = tx.get('node', id) as Node;
      tx.update('node', { ...held, encryption: { incarnation: '00000000000000a1', epoch } });
    });
    await clock.advance(MINUTE_MS);
  }

  async function makeNetwork(): Promise<void> {
    await store.update((tx) => tx.create('network', encrypted('net')));
    await clock.advance(1_000);
  }

  it('makes none without an encrypted network, and some with the first', async () => {
    expect(keyring()).toBeUndefined();
    await makeNetwork();
    expect(told()).toEqual([1, [1, 2]]);
    expect(keyring()?.keys.every(({ secret }) => secret.length === 32)).toBe(true);
  });

  it('goes on every twelve hours when every node that takes part has the next key', async () => {
    await makeNetwork();
    await holder('n1', 2);
    await clock.advance(ROTATION_PERIOD_MS - 2 * MINUTE_MS);
    expect(told()).toEqual([1, [1, 2]]);
    await clock.advance(3 * MINUTE_MS);
    expect(told()).toEqual([2, [1, 2, 3]]);
    await acknowledge('n1', 3);
    await clock.advance(ROTATION_PERIOD_MS);
    expect(told()).toEqual([3, [2, 3, 4]]);
  });

  it('waits for a node that has not, and no longer than ten minutes', async () => {
    await makeNetwork();
    await holder('n1', 2);
    await holder('n2', 1);
    await clock.advance(ROTATION_PERIOD_MS + 3 * MINUTE_MS);
    expect(told()).toEqual([1, [1, 2]]);
    await acknowledge('n2', 2);
    expect(told()).toEqual([2, [1, 2, 3]]);
    await acknowledge('n1', 3);
    await clock.advance(ROTATION_PERIOD_MS + ACKNOWLEDGE_MS);
    expect(told()[0]).toBe(3);
  });

  it('waits for no node that is down', async () => {
    await makeNetwork();
    await holder('n1', 1);
    await store.update((tx) => {
      const held = tx.get('node', 'n1') as Node;
      tx.update('node', { ...held, status: { ...held.status, state: 'down' } });
    });
    await clock.advance(ROTATION_PERIOD_MS + MINUTE_MS);
    expect(told()[0]).toBe(2);
  });

  it('is taken up by the next leader where it stands', async () => {
    await makeNetwork();
    const before = keyring();
    await keys.stop();
    await clock.advance(5 * HOUR_MS);
    keys = new KeyManager({ store, clock, random: seededRandom(2), log: silentLogger });
    await keys.start();
    await clock.advance(MINUTE_MS);
    expect(keyring()).toEqual(before);
    await clock.advance(8 * HOUR_MS);
    expect(told()).toEqual([2, [1, 2, 3]]);
  });

  it('writes no key into its log', async () => {
    const lines: string[] = [];
    const note = (fields: object, text: string) => {
      lines.push(JSON.stringify([fields, text]));
    };
    const log: Logger = { ...silentLogger, info: note, warn: note, error: note, debug: note };
    await keys.stop();
    keys = new KeyManager({ store, clock, random: seededRandom(2), log });
    await keys.start();
    await makeNetwork();
    await clock.advance(2 * ROTATION_PERIOD_MS);
    expect(lines.length).toBeGreaterThan(2);
    for (const { secret } of keyring()?.keys ?? []) {
      expect(lines.join()).not.toContain(Buffer.from(secret).toString('hex'));
      expect(lines.join()).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12));
    }
  });
});
