// Backups of a swarm under autolock: sealed by its unlock key, or by a passphrase, and restored on machines that have
// other addresses; the restored swarm is under autolock again. A changed file and another key restore nothing.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, type Host, lab, projectRoot, socketOf, stateOf } from './support/lab.ts';

const SECRET = 'a-secret-under-autolock';
const PASSPHRASE = 'correct horse battery';

describe('a backup of a swarm under autolock', () => {
  const cluster = useCluster({ managers: 1, spare: 2 });
  let directory: string;
  let unlockKey = '';
  const path = (name: string): string => join(directory, name);

  const skein = (host: Host, ...args: readonly string[]) =>
    run(`${projectRoot}bin/skein`, ['-H', `unix://${socketOf(host)}`, ...args], {
      mayFail: true,
      timeoutMs: 60_000,
    });

  const restore = (host: Host, ...args: readonly string[]) =>
    skein(host, 'swarm', 'restore', '--advertise-addr', addressOf(host), ...args);

  const stateOfNode = async (host: Host): Promise<string> =>
    ((await cluster.on(host).call('GET', '/info')) as { readonly Swarm: { LocalNodeState: string } }).Swarm
      .LocalNodeState;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-backup-'));
    await writeFile(path('passphrase'), `${PASSPHRASE}\n`);
    await cluster
      .on('h1')
      .call('POST', '/secrets/create', { Name: 'pw', Data: Buffer.from(SECRET).toString('base64') });
    expect((await skein('h1', 'swarm', 'update', '--autolock=true')).code).toBe(0);
    unlockKey = (await skein('h1', 'swarm', 'unlock-key', '-q')).stdout.trim();
    await writeFile(path('key'), `${unlockKey}\n`);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('is made by key and by passphrase, and holds nothing in the clear', async () => {
    const byKey = await skein('h1', 'swarm', 'backup', '--unlock-key', path('by-key'));
    expect([byKey.code, byKey.stderr]).toEqual([0, '']);
    const byPassphrase = await skein(
      'h1',
      ...['swarm', 'backup', '--passphrase-file', path('passphrase'), path('by-passphrase')],
    );
    expect([byPassphrase.code, byPassphrase.stderr]).toEqual([0, '']);
    for (const name of ['by-key', 'by-passphrase']) {
      const content = await readFile(path(name));
      for (const text of [
        SECRET,
        Buffer.from(SECRET).toString('base64'),
        unlockKey,
        'PRIVATE KEY',
        'SWMTKN',
      ]) {
        expect(content.includes(text), `${name}: ${text}`).toBe(false);
      }
    }
  });

  test('another key, no key and a changed file restore nothing', async () => {
    await lab.kill('h1');
    const content = await readFile(path('by-key'));
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    await writeFile(path('changed'), content);
    await writeFile(path('other-key'), `SWMKEY-1-${'A'.repeat(43)}\n`);
    const attempts = [
      [['--unlock-key-file', path('other-key'), path('by-key')], /does not open with this unlock key/],
      [['--passphrase-file', path('passphrase'), path('by-key')], /unlock key/],
      [['--unlock-key-file', path('key'), path('by-passphrase')], /passphrase/],
      [['--unlock-key-file', path('key'), path('changed')], /changed at byte \d+\. Nothing was restored/],
    ] as const;
    for (const [args, message] of attempts) {
      const { code, stderr } = await restore('h2', ...args);
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(stderr).not.toContain(unlockKey);
      expect(await stateOfNode('h2')).toBe('inactive');
    }
  });

  test.each([
    ['h2', '--unlock-key-file', 'key', 'by-key'],
    ['h3', '--passphrase-file', 'passphrase', 'by-passphrase'],
  ] as const)('restored on %s by %s it is locked by the same key', async (host, flag, secretFile, file) => {
    const { code, stderr } = await restore(host, flag, path(secretFile), path(file));
    expect([code, stderr]).toEqual([0, '']);
    expect(await cluster.on(host).call('GET', '/swarm/unlockkey')).toEqual({ UnlockKey: unlockKey });
    await eventually(`${host} sealed its keys`, 10_000, async () => {
      const files = ['manager/lock', 'manager/dek', 'certificates/node.key'];
      const contents = await Promise.all(files.map((name) => readFile(join(stateOf(host), name), 'latin1')));
      return contents.every((content) => content.startsWith('SKEINSEAL'));
    });
    await lab.stop(host, { hard: true });
    await lab.start(host);
    expect(await stateOfNode(host)).toBe('locked');
    await cluster.on(host).call('POST', '/swarm/unlock', { UnlockKey: unlockKey });
    await eventually(`${host} serves`, 15_000, async () => {
      const secrets = (await cluster.on(host).call('GET', '/secrets')) as readonly {
        Spec: { Name: string };
      }[];
      return secrets.map(({ Spec }) => Spec.Name).join() === 'pw';
    });
    const { stdout } = await run('grep', ['-rlaF', SECRET, stateOf(host)], { mayFail: true });
    expect(stdout).toBe('');
  });
});
