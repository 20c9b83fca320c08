// A renewal written by one process reaches the other.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../log.ts';
import { saveIdentity } from './files.ts';
import { CurrentIdentity } from './identity.ts';
import { type TestCluster, testCluster } from './test/test_cluster.ts';
import { IdentityWatcher } from './watcher.ts';

let directory = '';
let cluster: TestCluster;
let current: CurrentIdentity;
let watcher: IdentityWatcher;
const warnings: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skt-watch-'));
  cluster = await testCluster();
  current = new CurrentIdentity(await cluster.identity('worker'));
  await saveIdentity(directory, current.get());
  const log = { ...silentLogger, warn: (_fields: object, message: string) => warnings.push(message) };
  watcher = new IdentityWatcher({ identity: current, clock: systemClock, log }, { directory });
  await watcher.start();
});
afterEach(async () => {
  await watcher.stop();
  await rm(directory, { recursive: true, force: true });
});

it('takes over what was saved, again and again', async () => {
  for (const role of ['manager', 'worker', 'manager'] as const) {
    const renewed = await cluster.identity(role);
    await saveIdentity(directory, renewed);
    await expect.poll(() => current.get()).toEqual(renewed);
  }
});

it('keeps the old identity when the files are damaged, and says so', async () => {
  const before = current.get();
  await writeFile(join(directory, 'node.crt'), 'garbage');
  await expect.poll(() => warnings.length).toBeGreaterThan(0);
  expect(current.get()).toBe(before);
});
