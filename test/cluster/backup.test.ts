// A swarm backed up while it runs and restored on a machine of another address: objects, CA, tokens and secrets are
// there, services run again, the tokens let nodes join; a changed file restores nothing.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importWebImage, joinRequest, useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, type Host, lab, projectRoot, socketOf } from './support/lab.ts';
import { scaled, service } from './support/services.ts';
import { askWeb } from './support/traffic.ts';

const PORT = 8080;
const PASSPHRASE = 'correct horse battery';

interface SwarmJson {
  readonly ID: string;
  readonly JoinTokens: { readonly Manager: string; readonly Worker: string };
  readonly TLSInfo: { readonly TrustRoot: string };
}

describe('backup and restore', () => {
  const cluster = useCluster({ managers: 2, spare: 2 });
  let directory: string;
  let file: string;
  let passphraseFile: string;
  let before: SwarmJson;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-backup-'));
    file = join(directory, 'swarm.skein');
    passphraseFile = join(directory, 'passphrase');
    await writeFile(passphraseFile, `${PASSPHRASE}\n`);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const swarmOf = async (host: Host): Promise<SwarmJson> =>
    (await cluster.on(host).call('GET', '/swarm')) as SwarmJson;

  const skein = (host: Host, args: readonly string[], mayFail = false) =>
    run(`${projectRoot}bin/skein`, ['-H', `unix://${socketOf(host)}`, ...args], {
      mayFail,
      timeoutMs: 60_000,
    });

  const restore = (path: string, ...more: readonly string[]) =>
    skein('h3', ['swarm', 'restore', '--advertise-addr', addressOf('h3'), ...more, path], true);

  test('a manager that does not lead makes it, sealed, for the owner alone', async () => {
    await cluster.on('h1').createService(service('web', { replicas: 2, publish: PORT }));
    await cluster.whole('web', 2);
    await cluster.on('h1').call('POST', '/secrets/create', { Name: 'pw', Data: 'aGVsbG8=' });
    before = await swarmOf('h1');
    await skein('h2', ['swarm', 'backup', '--passphrase-file', passphraseFile, file]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const content = await readFile(file);
    expect(content.subarray(0, 8).toString()).toBe('SKEINBAK');
    expect(content.includes('PRIVATE KEY')).toBe(false);
    // What is written after the backup is not in it.
    await cluster.on('h1').updateService('web', scaled(3));
  });

  test('a short passphrase and an unlock key that there is not are refused', async () => {
    const short = join(directory, 'short');
    await writeFile(short, 'short\n');
    const guessed = await skein('h1', ['swarm', 'backup', '--passphrase-file', short, file], true);
    expect([guessed.code, guessed.stderr]).toEqual([1, expect.stringContaining('at least 8 characters')]);
    const locked = await skein('h1', ['swarm', 'backup', '--unlock-key', file], true);
    expect([locked.code, locked.stderr]).toEqual([1, expect.stringContaining('autolock is off')]);
  });

  test('a changed file, a cut one and a wrong passphrase restore nothing', async () => {
    await lab.kill('h1');
    await lab.kill('h2');
    const content = await readFile(file);
    const changed = Buffer.from(content);
    changed[content.length - 30] = (changed[content.length - 30] ?? 0) ^ 4;
    const spoilt = join(directory, 'spoilt.skein');
    const wrong = join(directory, 'wrong');
    await writeFile(wrong, 'another passphrase\n');
    const attempts = [
      [
        changed,
        passphraseFile,
        /no whole backup of a swarm: it was changed at byte \d+\. Nothing was restored/,
      ],
      [content.subarray(0, content.length - 1), passphraseFile, /it is cut off\. Nothing was restored/],
      [content, wrong, /does not open with this passphrase/],
    ] as const;
    for (const [bytes, secretFile, message] of attempts) {
      await writeFile(spoilt, bytes);
      const { code, stderr } = await restore(spoilt, '--passphrase-file', secretFile);
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
      const info = (await cluster.on('h3').call('GET', '/info')) as {
        readonly Swarm: { LocalNodeState: string };
      };
      expect(info.Swarm.LocalNodeState).toBe('inactive');
    }
  });

  test('restored on a new machine, it is the same swarm, and its services run', async () => {
    const { code, stdout, stderr } = await restore(file, '--passphrase-file', passphraseFile);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Swarm restored');
    const after = await swarmOf('h3');
    expect(after.ID).toBe(before.ID);
    expect(after.JoinTokens).toEqual(before.JoinTokens);
    expect(after.TLSInfo.TrustRoot).toBe(before.TLSInfo.TrustRoot);
    const nodes = await cluster.on('h3').nodes();
    expect(nodes.map((node) => node.ManagerStatus?.Leader)).toEqual([true]);
    expect(((await cluster.on('h3').call('GET', '/secrets')) as readonly unknown[]).length).toBe(1);
    await importWebImage('h3');
    const tasks = await cluster.whole('web', 2, 30_000, 'h3');
    expect(tasks.every((task) => task.NodeID === nodes[0]?.ID)).toBe(true);
    expect((await askWeb('h3', PORT)).replica).not.toBe('');
  });

  test('it takes writes and restarts as any other, and its token lets nodes join', async () => {
    await cluster.on('h3').updateService('web', scaled(1));
    await cluster.whole('web', 1, 15_000, 'h3');
    await lab.stop('h3', { hard: true });
    await lab.start('h3');
    await cluster.whole('web', 1, 15_000, 'h3');
    await cluster.on('h4').call('POST', '/swarm/join', {
      ...joinRequest('h4', before.JoinTokens.Worker, 'h3'),
    });
    await eventually('the worker is ready', 10_000, async () => {
      return (await cluster.node('h4', 'h3'))?.Status.State === 'ready';
    });
  });
});
