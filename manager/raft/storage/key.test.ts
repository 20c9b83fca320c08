// The data key on disk: made once, in the clear or sealed, and what a sealed one says to those without its lock.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sealing } from '../../../shared/identity/sealing.ts';
import { systemRandom } from '../../../shared/random.ts';
import { realDisk } from './disk.ts';
import { openDataKey, writeDataKey } from './key.ts';

describe('the data key', () => {
  let directory: string;
  const lock = new Sealing(Buffer.alloc(32, 1), systemRandom);
  const open = (by?: Sealing) => openDataKey(realDisk, systemRandom, directory, by);
  const onDisk = () => readFile(join(directory, 'dek'));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-key-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is the same at every start, sealed or not, and may change between both', async () => {
    const key = await open();
    expect(await open()).toEqual(key);
    expect(await open(lock)).toEqual(key);
    await writeDataKey(realDisk, directory, key, lock);
    expect((await onDisk()).includes(Buffer.from(key))).toBe(false);
    expect(await open(lock)).toEqual(key);
    await writeDataKey(realDisk, directory, key, undefined);
    expect(await open()).toEqual(key);
  });

  it('is made sealed when there is a lock from the beginning', async () => {
    const key = await open(lock);
    expect((await onDisk()).includes(Buffer.from(key))).toBe(false);
    expect(await open(lock)).toEqual(Buffer.from(key));
  });

  it('sealed, is refused without its lock', async () => {
    await open(lock);
    await expect(open()).rejects.toMatchObject({ code: 'data-key-locked' });
    const other = new Sealing(Buffer.alloc(32, 2), systemRandom);
    await expect(open(other)).rejects.toMatchObject({ code: 'sealed-otherwise' });
  });
});
