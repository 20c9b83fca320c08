// Autolock on a manager's disk: which files change when the cluster's unlock key does, told as it happens.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.ts';
import { LockFile } from '../shared/identity/lock_file.ts';
import { isSealed, Sealing } from '../shared/identity/sealing.ts';
import { makeUnlockKey } from '../shared/identity/unlock_key.ts';
import { silentLogger } from '../shared/log.ts';
import { systemRandom } from '../shared/random.ts';
import { memoryStore } from '../test/support/memory_store.ts';
import { cluster } from '../test/support/objects.ts';
import { LockKeeper } from './lock_keeper.ts';
import { realDisk } from './raft/storage/disk.ts';
import { openDataKey } from './raft/storage/key.ts';

describe('the lock keeper', () => {
  let directory: string;
  let dataKey: Uint8Array;
  let told: Uint8Array[];
  let keeper: LockKeeper;
  const store = memoryStore({ clock: systemClock });
  const file = () => new LockFile({ random: systemRandom }, { directory });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-keeper-'));
    dataKey = await openDataKey(realDisk, systemRandom, directory);
    told = [];
    keeper = made(undefined);
  });

  afterEach(async () => {
    await keeper.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function made(lock: Sealing | undefined): LockKeeper {
    return new LockKeeper(
      {
        store,
        clock: systemClock,
        random: systemRandom,
        log: silentLogger,
        onLock: (key) => void told.push(key),
      },
      { directory, lock },
    );
  }

  /** Writes the key into the cluster and waits for the keeper's pass, which its end waits for. */
  async function commit(unlockKey: string): Promise<void> {
    await store.update((tx) => {
      const old = tx.get('cluster', 'cluster');
      if (old === undefined) {
        tx.create('cluster', { ...cluster(), unlockKey });
      } else {
        tx.update('cluster', { ...old, unlockKey });
      }
    });
    await keeper.stop();
    await keeper.start();
  }

  const dataKeySealed = async () => isSealed(await readFile(join(directory, 'dek')));

  it('leaves everything in the clear without an unlock key', async () => {
    await commit('');
    expect(await file().read()).toEqual({ kind: 'none' });
    expect(await dataKeySealed()).toBe(false);
    expect(told).toEqual([]);
  });

  it('makes one lock key, seals with it, tells it once; rotation only wraps it anew', async () => {
    const [first, second] = [makeUnlockKey(systemRandom), makeUnlockKey(systemRandom)];
    await commit(first);
    expect(await dataKeySealed()).toBe(true);
    const sealed = await readFile(join(directory, 'dek'));
    await commit(second);
    expect(told).toHaveLength(1);
    expect(await readFile(join(directory, 'dek'))).toEqual(sealed);
    const state = await file().read();
    if (state.kind !== 'locked') {
      throw new Error('not locked');
    }
    expect(() => file().open(state, first)).toThrow(expect.objectContaining({ code: 'unlock-key-wrong' }));
    const lock = new Sealing(file().open(state, second), systemRandom);
    expect(Buffer.from(await openDataKey(realDisk, systemRandom, directory, lock))).toEqual(
      Buffer.from(dataKey),
    );
  });

  it('leaves the lock open when autolock is turned off, and closes it again with the same lock key', async () => {
    await commit(makeUnlockKey(systemRandom));
    await commit('');
    expect((await file().read()).kind).toBe('open');
    await commit(makeUnlockKey(systemRandom));
    expect((await file().read()).kind).toBe('locked');
    expect(told).toHaveLength(1);
  });

  it('finishes what a killed manager began: the lock is there, the data key still in the clear', async () => {
    const lockKey = Buffer.alloc(32, 4);
    const unlockKey = makeUnlockKey(systemRandom);
    await file().write(lockKey, unlockKey);
    keeper = made(new Sealing(lockKey, systemRandom));
    await commit(unlockKey);
    expect(await dataKeySealed()).toBe(true);
    expect(told).toEqual([]);
  });
});
