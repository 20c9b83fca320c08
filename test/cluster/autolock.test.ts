// Autolock on real daemons: a restarted manager is locked, says so everywhere, and its containers run on; the key
// opens it, the old one does not after a rotation; and no plain secret lies in any file below a root.
import { readdir, readFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { describe, expect, test } from 'vitest';
import { join, useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, type Host, lab, projectRoot, socketOf, stateOf } from './support/lab.ts';
import { managerPid } from './support/processes.ts';
import { service } from './support/services.ts';
import { askWeb } from './support/traffic.ts';

const PORT = 8080;
const SECRET = `a-secret-that-is-found-nowhere-${'x'.repeat(8)}`;
const LOCKED =
  /^Swarm is encrypted and needs to be unlocked before it can be used\. Please use "skein swarm unlock"/;

const cluster = useCluster({ managers: 2, spare: 1 });

interface SwarmJson {
  readonly Version: { readonly Index: number };
  readonly Spec: Readonly<Record<string, unknown>>;
  readonly JoinTokens: { readonly Manager: string };
}

async function updateSwarm(autolock: boolean, query = ''): Promise<void> {
  const swarm = (await cluster.on('h1').call('GET', '/swarm')) as SwarmJson;
  await cluster.on('h1').call('POST', `/swarm/update?version=${swarm.Version.Index}${query}`, {
    ...swarm.Spec,
    EncryptionConfig: { AutoLockManagers: autolock },
  });
}

async function unlockKey(host: Host = 'h1'): Promise<string> {
  return ((await cluster.on(host).call('GET', '/swarm/unlockkey')) as { readonly UnlockKey: string })
    .UnlockKey;
}

async function localState(host: Host): Promise<string> {
  const info = (await cluster.on(host).call('GET', '/info')) as {
    readonly Swarm: { LocalNodeState: string };
  };
  return info.Swarm.LocalNodeState;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => joinPath(entry.parentPath, entry.name));
}

/** Files below the root of a host that hold any of these texts. */
async function found(host: Host, texts: readonly string[]): Promise<readonly string[]> {
  const needles = texts.flatMap((text) => [
    Buffer.from(text),
    Buffer.from(Buffer.from(text).toString('base64')),
  ]);
  const holding: string[] = [];
  for (const file of await filesBelow(stateOf(host))) {
    const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') {
        throw error;
      }
      return Buffer.alloc(0);
    });
    if (needles.some((needle) => content.includes(needle))) {
      holding.push(file);
    }
  }
  return holding;
}

/** Processes of this machine that show any of these texts in their arguments or their environment. */
async function shownBy(texts: readonly string[]): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const showing: string[] = [];
  for (const pid of pids) {
    for (const file of ['cmdline', 'environ']) {
      // Processes end while they are looked at.
      const content = await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
      if (texts.some((text) => content.includes(text))) {
        showing.push(`${pid} ${file}: ${content.slice(0, 60)}`);
      }
    }
  }
  return showing;
}

const skein = (host: Host, ...args: readonly string[]) =>
  run(`${projectRoot}bin/skein`, ['-H', `unix://${socketOf(host)}`, ...args], { mayFail: true });

/** True when this manager's data key and certificate key are sealed on disk. */
async function sealed(host: Host): Promise<boolean> {
  const files = ['manager/lock', 'manager/dek', 'certificates/node.key'];
  const contents = await Promise.all(files.map((file) => readFile(joinPath(stateOf(host), file), 'latin1')));
  return contents.every((content) => content.startsWith('SKEINSEAL'));
}

describe('autolock', () => {
  let key = '';

  test('without it there is no key, and unlocking is refused', async () => {
    expect(await unlockKey()).toBe('');
    const answer = await cluster.on('h1').ask('POST', '/swarm/unlock', { UnlockKey: 'x' });
    expect([answer.status, answer.body]).toEqual([409, { message: 'swarm is not locked' }]);
  });

  test('turned on, it seals the keys of every manager, with a service and a secret in use', async () => {
    const secret = await cluster.on('h1').call('POST', '/secrets/create', {
      Name: 'password',
      Data: Buffer.from(SECRET).toString('base64'),
    });
    const spec = service('web', { replicas: 2, publish: PORT }) as {
      readonly TaskTemplate: { readonly ContainerSpec: Record<string, unknown> };
    };
    spec.TaskTemplate.ContainerSpec['Secrets'] = [
      {
        SecretID: (secret as { readonly ID: string }).ID,
        SecretName: 'password',
        File: { Name: 'password', UID: '0', GID: '0', Mode: 0o444 },
      },
    ];
    await cluster.on('h1').createService(spec);
    await cluster.whole('web', 2);
    await updateSwarm(true);
    key = await unlockKey();
    expect(key).toMatch(/^SWMKEY-1-[A-Za-z0-9+/]{43}$/);
    expect(await unlockKey('h2')).toBe(key);
    for (const host of cluster.managers) {
      await eventually(`${host} sealed its keys`, 5_000, () => sealed(host));
    }
  });

  test('a manager that joins later seals its keys too', async () => {
    const { JoinTokens } = (await cluster.on('h1').call('GET', '/swarm')) as SwarmJson;
    await cluster.on('h3').call('POST', '/swarm/join', {
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: addressOf('h3'),
      RemoteAddrs: [`${addressOf('h1')}:2377`],
      JoinToken: JoinTokens.Manager,
    });
    await eventually('h3 sealed its keys', 10_000, () => sealed('h3'));
  });

  test('no file below any root holds the secret, the key, a token or a private key', async () => {
    const { JoinTokens } = (await cluster.on('h1').call('GET', '/swarm')) as SwarmJson;
    const texts = [SECRET, key, key.slice('SWMKEY-1-'.length), JoinTokens.Manager, 'PRIVATE KEY'];
    for (const host of cluster.hosts) {
      expect(await found(host, texts), host).toEqual([]);
      // What is searched for is found where it is: the check can fail.
      expect((await found(host, ['BEGIN CERTIFICATE'])).length).toBeGreaterThan(0);
    }
    expect(await shownBy(texts)).toEqual([]);
    expect((await shownBy(['manager/main.js'])).length).toBeGreaterThanOrEqual(cluster.hosts.length);
  });

  test('no memory of a manager goes into a core dump', async () => {
    for (const host of cluster.hosts) {
      const pid = await managerPid(host);
      expect((await readFile(`/proc/${pid}/coredump_filter`, 'utf8')).trim(), host).toBe('00000000');
    }
  });

  test('a restarted manager is locked, says so, and its containers run on', async () => {
    await lab.stop('h2', { hard: true });
    await lab.start('h2');
    expect(await localState('h2')).toBe('locked');
    const { stdout } = await lab.exec('h2', [
      'curl',
      '-sI',
      '--unix-socket',
      `/run/${process.env['SKEIN_LAB'] ?? 'skein'}-lab/h2/skein.sock`,
      'http://x/_ping',
    ]);
    expect(stdout).toMatch(/^swarm: locked\r?$/im);
    for (const [method, path] of [
      ['GET', '/nodes'],
      ['GET', '/services'],
      ['GET', '/swarm'],
      ['GET', '/swarm/unlockkey'],
    ] as const) {
      const answer = await cluster.on('h2').ask(method, path);
      expect(answer.status, path).toBe(503);
      expect((answer.body as { readonly message: string }).message).toMatch(LOCKED);
    }
    expect((await askWeb('h2', PORT)).replica).not.toBe('');
    const list = await skein('h2', 'node', 'ls');
    expect([list.code, list.stdout]).toEqual([1, '']);
    expect(list.stderr).toMatch(/needs to be unlocked before it can be used.*"skein swarm unlock"/s);
    expect((await skein('h2', 'info')).stdout).toMatch(/^ ?Swarm: locked$/m);
  });

  test('a wrong key is refused, the right one unlocks', async () => {
    const wrong = await cluster
      .on('h2')
      .ask('POST', '/swarm/unlock', { UnlockKey: `SWMKEY-1-${'A'.repeat(43)}` });
    expect([wrong.status, wrong.body]).toEqual([
      400,
      { message: 'swarm could not be unlocked: invalid key provided' },
    ]);
    const malformed = await cluster.on('h2').ask('POST', '/swarm/unlock', { UnlockKey: 'hunter2' });
    expect(malformed.status).toBe(400);
    expect(await localState('h2')).toBe('locked');
    await cluster.on('h2').call('POST', '/swarm/unlock', { UnlockKey: key });
    expect(await localState('h2')).toBe('active');
    await eventually('h2 is a manager again', 15_000, async () => {
      const node = await cluster.node('h2', 'h2');
      return node?.Status.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable';
    });
  });

  test('rotation wraps the lock of every manager anew: the old key opens nothing any more', async () => {
    const old = key;
    const before = await Promise.all(
      cluster.hosts.map((host) => readFile(joinPath(stateOf(host), 'manager/lock'), 'latin1')),
    );
    await updateSwarm(true, '&rotateManagerUnlockKey=true');
    key = await unlockKey();
    expect(key).not.toBe(old);
    await eventually('every lock is new', 5_000, async () => {
      const now = await Promise.all(
        cluster.hosts.map((host) => readFile(joinPath(stateOf(host), 'manager/lock'), 'latin1')),
      );
      return now.every((content, at) => content !== before[at]);
    });
    await lab.stop('h3');
    await lab.start('h3');
    expect(await localState('h3')).toBe('locked');
    expect((await cluster.on('h3').ask('POST', '/swarm/unlock', { UnlockKey: old })).status).toBe(400);
    await cluster.on('h3').call('POST', '/swarm/unlock', { UnlockKey: key });
    expect(await localState('h3')).toBe('active');
  });

  test('a locked manager leaves by force alone, takes its containers along, and may come back', async () => {
    await lab.stop('h3', { hard: true });
    await lab.start('h3');
    expect(await localState('h3')).toBe('locked');
    const refused = await skein('h3', 'swarm', 'leave');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/unlock it first or use `--force`/),
    ]);
    expect(await localState('h3')).toBe('locked');
    const left = await skein('h3', 'swarm', 'leave', '--force');
    expect([left.code, left.stdout]).toEqual([0, 'Node left the swarm.\n']);
    expect(await localState('h3')).toBe('inactive');
    for (const remains of ['manager', 'tasks', 'containers']) {
      expect(await filesBelow(joinPath(stateOf('h3'), remains)).catch(() => []), remains).toEqual([]);
    }
    await eventually('h3 is down', 30_000, async () => (await cluster.node('h3'))?.Status.State === 'down');
    expect((await skein('h1', 'node', 'demote', 'h3')).code).toBe(0);
    await eventually('h3 is removed', 15_000, async () => {
      return (await skein('h1', 'node', 'rm', '--force', 'h3')).code === 0;
    });
    await join('h3', 'Manager');
    await eventually('h3 sealed its keys', 10_000, () => sealed('h3'));
  });

  test('turned off, a manager restarts by itself', async () => {
    await updateSwarm(false);
    expect(await unlockKey()).toBe('');
    await eventually('no lock is sealed', 5_000, async () => {
      const locks = await Promise.all(
        cluster.hosts.map((host) => readFile(joinPath(stateOf(host), 'manager/lock'), 'latin1')),
      );
      return locks.every((content) => !content.startsWith('SKEINSEAL'));
    });
    await lab.stop('h2', { hard: true });
    await lab.start('h2');
    expect(await localState('h2')).toBe('active');
    await eventually('h2 serves', 10_000, async () => (await cluster.on('h2').nodes()).length === 3);
  });
});
