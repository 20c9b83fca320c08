// Unlock keys, sealed bytes and the lock file: what opens what, and what each refusal says.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom, systemRandom } from '../random.ts';
import { LockFile } from './lock_file.ts';
import { isSealed, Sealing } from './sealing.ts';
import { makeUnlockKey, parseUnlockKey } from './unlock_key.ts';

describe('an unlock key', () => {
  it("looks like Swarm's and is read back, with white space around it too", () => {
    const key = makeUnlockKey(seededRandom(1));
    expect(key).toMatch(/^SWMKEY-1-[A-Za-z0-9+/]{43}$/);
    expect(parseUnlockKey(`  ${key}\n`)).toHaveLength(32);
    expect(makeUnlockKey(systemRandom)).not.toBe(makeUnlockKey(systemRandom));
  });

  it.each(['', 'SWMKEY-1-', 'SWMKEY-2-7c37Cc8654o6p38HnroywCi19pllOnGtbdZEgtKxZu8', 'hunter2'])(
    'is refused when it is %j, without repeating it',
    (text) => {
      expect(() => parseUnlockKey(text)).toThrow(
        expect.objectContaining({ code: 'unlock-key-malformed', kind: 'invalid' }),
      );
      expect(() => parseUnlockKey('hunter2')).not.toThrow(/hunter2/);
    },
  );
});

describe('sealed bytes', () => {
  const sealing = new Sealing(Buffer.alloc(32, 1), systemRandom);
  const plain = Buffer.from('the key of a key');

  it('open with the same key and purpose, never twice alike, never in the clear', () => {
    const sealed = sealing.seal('a', plain);
    expect(sealing.open('a', sealed, 'it')).toEqual(plain);
    expect(sealed.equals(sealing.seal('a', plain))).toBe(false);
    expect(sealed.includes(plain)).toBe(false);
    expect(isSealed(sealed)).toBe(true);
    expect(isSealed(plain)).toBe(false);
  });

  it('do not open with another key, for another purpose, or with any byte changed or missing', () => {
    const sealed = sealing.seal('a', plain);
    const refusal = expect.objectContaining({ code: expect.stringMatching(/^sealed-/) });
    expect(() => new Sealing(Buffer.alloc(32, 2), systemRandom).open('a', sealed, 'it')).toThrow(refusal);
    expect(() => sealing.open('b', sealed, 'it')).toThrow(refusal);
    for (let at = 0; at < sealed.length; at += 1) {
      const spoilt = Buffer.from(sealed);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      expect(() => sealing.open('a', spoilt, 'it'), `byte ${at}`).toThrow(refusal);
      expect(() => sealing.open('a', sealed.subarray(0, at), 'it'), `length ${at}`).toThrow(refusal);
    }
  });

  it('of a newer version say so', () => {
    const sealed = sealing.seal('a', plain);
    sealed[9] = 2;
    expect(() => sealing.open('a', sealed, 'the file')).toThrow(/the file is sealed in format version 2/);
  });
});

describe('the lock file', () => {
  let directory: string;
  let file: LockFile;
  const lockKey = Buffer.alloc(32, 9);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-lock-'));
    file = new LockFile({ random: systemRandom }, { directory });
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('goes from none to locked, to another key, to open', async () => {
    expect(await file.read()).toEqual({ kind: 'none' });
    const first = makeUnlockKey(systemRandom);
    const second = makeUnlockKey(systemRandom);
    await file.write(lockKey, first);
    expect((await readFile(join(directory, 'lock'))).includes(lockKey)).toBe(false);
    await file.write(lockKey, second);
    const locked = await file.read();
    if (locked.kind !== 'locked') {
      throw new Error('not locked');
    }
    expect(file.open(locked, second)).toEqual(lockKey);
    expect(() => file.open(locked, first)).toThrow(
      expect.objectContaining({ code: 'unlock-key-wrong', kind: 'invalid' }),
    );
    await file.write(lockKey, '');
    expect(await file.read()).toEqual({ kind: 'open', key: lockKey });
    expect(await readdir(directory)).toEqual(['lock']);
    expect((await stat(join(directory, 'lock'))).mode & 0o777).toBe(0o600);
  });

  it('says what to do when it is damaged', async () => {
    await writeFile(join(directory, 'lock'), 'short');
    await expect(file.read()).rejects.toMatchObject({ code: 'lock-unreadable' });
  });
});
