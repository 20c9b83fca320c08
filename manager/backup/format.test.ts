// A backup's file: what opens it, and that no byte can be changed, cut, moved or appended. Files of earlier versions
// stay readable: `SKEIN_WRITE_FIXTURES=1` writes the one of the present version when it does not exist.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeUnlockKey } from '../../shared/identity/unlock_key.ts';
import { seededRandom, systemRandom } from '../../shared/random.ts';
import { BACKUP_VERSION, type BackupSecret, openBackup, sealBackup } from './format.ts';

const META = { clusterId: 'c1', index: 42, term: 3, createdAt: 1_700_000_000_000 };
const CHUNKS = ['the ', 'whole ', 'state'];
const UNLOCK_KEY = makeUnlockKey(seededRandom(1));
const PASSPHRASE: BackupSecret = { kind: 'passphrase', text: 'correct horse' };
const KEY: BackupSecret = { kind: 'unlock-key', text: UNLOCK_KEY };

async function made(secret: BackupSecret, chunks = CHUNKS): Promise<Buffer> {
  const parts: Buffer[] = [];
  const bytes = chunks.map((chunk) => Buffer.from(chunk));
  for await (const part of sealBackup(META, bytes, secret, systemRandom)) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The file in pieces of seven bytes, which fit nothing in it. */
async function* pieces(file: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += 7) {
    yield file.subarray(at, at + 7);
  }
}

async function read(file: Buffer, secret: BackupSecret) {
  const { meta, chunks } = await openBackup(pieces(file), secret);
  const texts: string[] = [];
  for await (const chunk of chunks) {
    texts.push(Buffer.from(chunk).toString());
  }
  return { meta, texts };
}

describe('a backup', () => {
  it.each([PASSPHRASE, KEY])(
    'opens with the $kind that sealed it, and holds nothing in the clear',
    async (secret) => {
      const file = await made(secret);
      expect(await read(file, secret)).toEqual({ meta: META, texts: CHUNKS });
      expect(file.includes('state')).toBe(false);
      expect(file.includes('c1')).toBe(false);
      expect(file.equals(await made(secret))).toBe(false);
    },
  );

  it.each([
    ['more memory than we give', [20, 16, 4]],
    ['parameters that scrypt does not know', [17, 1, 1]],
    ['nothing', [0, 0, 0]],
  ])('whose head asks scrypt for %s is refused before it is tried', async (_what, parameters) => {
    const file = await made(PASSPHRASE);
    file.set(parameters, 13);
    await expect(read(file, PASSPHRASE)).rejects.toMatchObject({ code: 'backup-damaged' });
  });

  it('says which secret it needs, and when that is wrong', async () => {
    const file = await made(PASSPHRASE);
    await expect(read(file, { ...PASSPHRASE, text: 'wrong horse' })).rejects.toMatchObject({
      code: 'backup-secret-wrong',
      message: expect.not.stringContaining('wrong horse'),
    });
    await expect(read(file, KEY)).rejects.toMatchObject({
      code: 'backup-secret-other',
      message: expect.stringContaining('sealed by a passphrase'),
    });
    const other = { kind: 'unlock-key', text: makeUnlockKey(systemRandom) } as const;
    await expect(read(await made(KEY), other)).rejects.toMatchObject({ code: 'backup-secret-wrong' });
  });

  it('is not made with a passphrase that is guessed', async () => {
    await expect(made({ kind: 'passphrase', text: 'seven77' })).rejects.toMatchObject({
      code: 'backup-passphrase-short',
    });
  });

  it('is refused with any byte changed, at any length, with anything appended, and with records moved', async () => {
    const file = await made(KEY);
    for (let at = 0; at < file.length; at += 1) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(read(changed, KEY), `byte ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^backup-/),
      });
      await expect(read(file.subarray(0, at), KEY), `length ${at}`).rejects.toMatchObject({
        code: 'backup-damaged',
      });
    }
    await expect(read(Buffer.concat([file, Buffer.from([0])]), KEY)).rejects.toMatchObject({
      code: 'backup-damaged',
    });
    const records = recordsOf(file);
    const [head, meta, first, second, ...rest] = records;
    const orders = [
      [head, meta, second, first, ...rest],
      [head, meta, second, ...rest],
      [head, meta, first, first, second, ...rest],
    ];
    for (const order of orders) {
      const moved = Buffer.concat(order.filter((part) => part !== undefined));
      await expect(read(moved, KEY)).rejects.toMatchObject({ code: 'backup-damaged' });
    }
  });

  it('of a newer version is refused by name', async () => {
    const file = await made(KEY);
    file.writeUInt32LE(BACKUP_VERSION + 1, 8);
    await expect(read(file, KEY)).rejects.toMatchObject({
      code: 'backup-newer',
      message: expect.stringMatching(
        /format version 2, this skein reads up to 1: restore it with the newer skein/,
      ),
    });
  });

  it('that is another file is no backup', async () => {
    await expect(read(Buffer.alloc(4096, 'x'), KEY)).rejects.toMatchObject({ code: 'backup-damaged' });
  });

  const fixture = (version: number): string =>
    join(import.meta.dirname, '..', '..', 'test', 'fixtures', `backup-v${version}.skein`);

  it.each(Array.from({ length: BACKUP_VERSION }, (_, at) => at + 1))(
    'of version %i is read',
    async (version) => {
      if (process.env['SKEIN_WRITE_FIXTURES'] === '1' && !existsSync(fixture(BACKUP_VERSION))) {
        await writeFile(fixture(BACKUP_VERSION), await made(PASSPHRASE));
      }
      expect(await read(await readFile(fixture(version)), PASSPHRASE)).toEqual({ meta: META, texts: CHUNKS });
    },
  );
});

function recordsOf(file: Buffer): readonly Buffer[] {
  const HEAD = 48;
  const records = [file.subarray(0, HEAD)];
  for (let at = HEAD; at < file.length; ) {
    const next = at + 4 + file.readUInt32LE(at);
    records.push(file.subarray(at, next));
    at = next;
  }
  return records;
}
