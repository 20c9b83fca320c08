// The identity on disk: modes, crashes between the writes, and what damaged files say.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadIdentity, removeIdentity, saveIdentity } from './files.ts';
import { systemRandom } from '../random.ts';
import type { Identity } from './identity.ts';
import { Sealing } from './sealing.ts';
import { type TestCluster, testCluster } from './test/test_cluster.ts';

const HOUR_MS = 60 * 60_000;
let directory = '';
let cluster: TestCluster;
let identity: Identity;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'skt-identity-')), 'certificates');
  cluster = await testCluster();
  identity = await cluster.identity('worker');
});
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

const load = (now = Date.now()) => loadIdentity(directory, now);

it('comes back as it was saved, in files only the owner can read', async () => {
  await saveIdentity(directory, identity);
  expect(await load()).toEqual(identity);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await readdir(directory)).sort()).toEqual(['node.crt', 'node.key', 'root-ca.crt']);
  for (const name of await readdir(directory)) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
});

it('a crash before the new certificate was written leaves the old identity', async () => {
  await saveIdentity(directory, identity);
  const next = await cluster.identity('worker');
  await writeFile(join(directory, 'node.key.next'), next.keyPem);
  expect(await load()).toEqual(identity);
});

it('a crash after it leaves the new identity', async () => {
  await saveIdentity(directory, identity);
  const next = await cluster.identity('manager');
  await writeFile(join(directory, 'node.key.next'), next.keyPem);
  await writeFile(join(directory, 'node.crt'), next.certificateChainPem);
  expect(await load()).toEqual(next);
  expect(await readdir(directory)).not.toContain('node.key.next');
});

it('an empty directory, or none, means: in no cluster', async () => {
  await expect(load()).rejects.toMatchObject({ kind: 'not-found', code: 'identity-missing' });
  await mkdir(directory);
  await expect(load()).rejects.toMatchObject({ code: 'identity-missing' });
  await saveIdentity(directory, identity);
  await removeIdentity(directory);
  await expect(load()).rejects.toMatchObject({ code: 'identity-missing' });
});

it.each([
  ['node.key', undefined, 'no private key fits'],
  ['node.crt', undefined, 'does not exist'],
  ['root-ca.crt', undefined, 'does not exist'],
  ['node.key', 'garbage', 'no private key fits'],
  ['node.crt', 'garbage', 'no PEM certificate found'],
  ['root-ca.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'does not parse'],
])('%s being %s is told with the file and what to do', async (name, content, words) => {
  await saveIdentity(directory, identity);
  const file = join(directory, name);
  await (content === undefined ? rm(file) : writeFile(file, content));
  await expect(load()).rejects.toMatchObject({
    code: 'identity-unreadable',
    data: { file },
    message: expect.stringContaining(words),
  });
});

it("a root of another cluster doesn't pass", async () => {
  await saveIdentity(directory, { ...identity, rootPem: (await testCluster()).root.certPem });
  await expect(load()).rejects.toMatchObject({ code: 'identity-unreadable' });
});

it('an expired certificate says when it expired, and loads when that is allowed', async () => {
  const issuedAt = Date.now() - 3 * HOUR_MS;
  const old = await cluster.identity('worker', { issuedAt, lifeMs: HOUR_MS });
  await saveIdentity(directory, old);
  await expect(load()).rejects.toMatchObject({
    code: 'certificate-expired',
    message: expect.stringContaining('it expired at'),
  });
  expect(await loadIdentity(directory, Date.now(), { allowExpired: true })).toEqual(old);
});

it('a clock set back to before the certificate is told with both times', async () => {
  await saveIdentity(directory, identity);
  await expect(load(Date.now() - 48 * HOUR_MS)).rejects.toMatchObject({ code: 'certificate-not-yet-valid' });
});

it('sealed, holds no key in the clear and opens with the same lock alone', async () => {
  const lock = new Sealing(Buffer.alloc(32, 5), systemRandom);
  await saveIdentity(directory, identity, lock);
  expect(await readFile(join(directory, 'node.key'), 'latin1')).not.toContain('PRIVATE KEY');
  expect(await loadIdentity(directory, Date.now(), { lock })).toEqual(identity);
  await expect(load()).rejects.toMatchObject({ code: 'identity-locked' });
  const other = new Sealing(Buffer.alloc(32, 6), systemRandom);
  await expect(loadIdentity(directory, Date.now(), { lock: other })).rejects.toMatchObject({
    code: 'sealed-otherwise',
  });
  await saveIdentity(directory, identity);
  expect(await load()).toEqual(identity);
});
