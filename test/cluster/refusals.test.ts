// Bad input and bad circumstances at the daemon: each a clear message at once, and state as before.
import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { joinRequest, token, useCluster } from './support/cluster.ts';
import { type CommandResult, run } from './support/command.ts';
import { messageOf } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, lab, labName, namespaceOf, projectRoot, stateOf, subnet } from './support/lab.ts';
import { MIB, service } from './support/services.ts';

const SKEIND = `${projectRoot}bin/skeind`;
/** A daemon that refuses says so well within this. */
const REFUSAL_TIMEOUT_MS = 15_000;

// h1 manager, h2 worker, h3 in no swarm.
const cluster = useCluster({ managers: 1, workers: 1, spare: 1 });

/** Starts a daemon that should refuse, as an argument of that command; answers how it ended. */
function refused(args: readonly string[], command: readonly string[] = []): Promise<CommandResult> {
  const [file = process.execPath, ...before] = [...command, process.execPath];
  return run(file, [...before, SKEIND, ...args], { mayFail: true, timeoutMs: REFUSAL_TIMEOUT_MS });
}

const ELSEWHERE = ['--root', `/tmp/${labName}-refused/root`, '--exec-root', `/tmp/${labName}-refused/run`];

afterAll(() => rm(`/tmp/${labName}-refused`, { recursive: true, force: true }));

describe('the daemon at its start', () => {
  test('a second one on the same root: exit 1, told which; the first is unharmed', async () => {
    const result = await refused(['--root', stateOf('h1'), '--exec-root', `/tmp/${labName}-refused/run`]);
    expect(result.code).toBe(1);
    expect(result.stderr + result.stdout).toContain(stateOf('h1'));
    expect((await cluster.on('h1').nodes()).length).toBe(2);
  });

  test('without conmon, without runc and crun: exit 1, told what to install', async () => {
    for (const programs of [['conmon'], ['runc', 'crun']]) {
      // Hidden in a mount namespace of its own; PATH alone would not do, for the usual places are looked at too.
      const hide = programs
        .map((name) => `p=$(command -v ${name}) && mount --bind /dev/null "$p";`)
        .join(' ');
      const result = await refused(ELSEWHERE, ['unshare', '-m', 'sh', '-c', `${hide} exec "$@"`, 'sh']);
      expect(result.code).toBe(1);
      expect(result.stderr + result.stdout).toContain(programs[0]);
      expect(result.stderr + result.stdout).toMatch(/install/i);
    }
  });

  test('not as root: exit 1, told so', async () => {
    const result = await refused(ELSEWHERE, ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']);
    expect(result.code).toBe(1);
    expect(result.stderr + result.stdout).toMatch(/root/);
  });

  test.each([
    [['--no-such-flag'], /no-such-flag/],
    [['--root', 'relative'], /absolute/],
    [['--log-level', 'loud'], /log-level/],
    [['-H', 'tcp://127.0.0.1:2376'], /tls/],
  ] as const)('flags %j: exit 1, the flag named', async (args, message) => {
    const result = await refused(args);
    expect(result.code).toBe(1);
    expect(result.stderr + result.stdout).toMatch(message);
  });
});

describe('init and join', () => {
  test('port 2377 taken: init is refused with the port, nothing stays, and it works when the port is free', async () => {
    await lab.stop('h3');
    await lab.start('h3');
    const holder = run(
      'nsenter',
      [`--net=${namespaceOf('h3')}`, 'timeout', '60', 'busybox', 'nc', '-l', '-p', '2377'],
      { mayFail: true, timeoutMs: 70_000 },
    );
    const body = { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: addressOf('h3') };
    await eventually('the port is taken', 5_000, async () =>
      (await run('nsenter', [`--net=${namespaceOf('h3')}`, 'ss', '-ltn'])).stdout.includes(':2377'),
    );
    const answer = await cluster.on('h3').ask('POST', '/swarm/init', body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(answer)).toMatch(/2377.*in use|in use.*2377/);
    expect(await localState()).toBe('inactive');
    // One connection ends the one that holds the port.
    await run(
      'nsenter',
      [`--net=${namespaceOf('h3')}`, 'sh', '-c', 'echo | busybox nc -w 1 127.0.0.1 2377'],
      { mayFail: true },
    );
    await holder;
    await cluster.on('h3').call('POST', '/swarm/init', body);
    await cluster.on('h3').call('POST', '/swarm/leave?force=true');
    expect(await localState()).toBe('inactive');
  });

  test('a wrong token, a rotated one, another root: each said in its way; the node stays outside', async () => {
    const good = await token('Worker');
    const [, version, digest = '', secret = ''] = good.split('-');
    const cases = [
      ['nonsense', /invalid join token|not a join token|join token/i],
      [`SWMTKN-${version}-${digest}-${'0'.repeat(secret.length)}`, /token/i],
      [`SWMTKN-${version}-${'0'.repeat(digest.length - 1)}1-${secret}`, /digest|fingerprint|does not match/i],
    ] as const;
    for (const [bad, message] of cases) {
      const answer = await cluster.on('h3').ask('POST', '/swarm/join', joinRequest('h3', bad));
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(messageOf(answer)).toMatch(message);
      expect(answer.text).not.toContain(secret);
      expect(await localState()).toBe('inactive');
    }
  });

  test('a manager that nobody answers for: refused within seconds, the address named', async () => {
    const start = performance.now();
    for (const remote of [`${subnet}.77:2377`, `${addressOf('h2')}:2377`]) {
      const request = { ...joinRequest('h3', await token('Worker')), RemoteAddrs: [remote] };
      const answer = await cluster.on('h3').ask('POST', '/swarm/join', request);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(messageOf(answer)).toContain(remote.split(':')[0]);
    }
    expect(performance.now() - start).toBeLessThan(25_000);
    expect(await localState()).toBe('inactive');
  });

  test('already in a swarm: neither init nor join', async () => {
    for (const host of ['h1', 'h2'] as const) {
      for (const [path, body] of [
        ['/swarm/init', { ListenAddr: '0.0.0.0:2377' }],
        ['/swarm/join', joinRequest(host, await token('Worker'))],
      ] as const) {
        const answer = await cluster.on(host).ask('POST', path, body);
        expect(answer.status).toBe(503);
        expect(messageOf(answer)).toMatch(/already part of a swarm/);
      }
    }
  });

  test('leaving as a manager needs force; the swarm is as before', async () => {
    const answer = await cluster.on('h1').ask('POST', '/swarm/leave');
    expect(answer.status).toBe(503);
    expect(messageOf(answer)).toMatch(/--force|force/);
    expect((await cluster.on('h1').nodes()).length).toBe(2);
  });

  test('in no swarm: what needs one says how to get one', async () => {
    const answer = await cluster.on('h3').ask('GET', '/services');
    expect(answer.status).toBe(503);
    expect(messageOf(answer)).toMatch(/swarm init.*swarm join|swarm join/s);
  });
});

describe('services and updates', () => {
  test('a stale version is refused, a fresh one taken', async () => {
    await cluster.on('h1').createService(service('edited', { replicas: 1 }));
    const first = await cluster.on('h1').service('edited');
    const spec = { ...first.Spec, Labels: { a: '1' } };
    await cluster.on('h1').call('POST', `/services/${first.ID}/update?version=${first.Version.Index}`, spec);
    const answer = await cluster
      .on('h1')
      .ask('POST', `/services/${first.ID}/update?version=${first.Version.Index}`, spec);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(answer)).toMatch(/update out of sequence/);
    await cluster.remove('edited');
  });

  test.each([
    ['a bad name', service('no spaces allowed'), /name/],
    ['negative replicas', service('neg', { replicas: -1 }), /replicas|Replicas/],
    ['replicas beyond all bounds', service('huge', { replicas: 1e12 }), /replicas|Replicas/],
    ['an unknown network', service('net', { networks: ['nosuchnet'] }), /nosuchnet/],
    [
      'a bad constraint',
      service('con', { placement: { Constraints: ['node.role ~ worker'] } }),
      /constraint/i,
    ],
    ['memory below 4 MiB', service('mem', { resources: { Limits: { MemoryBytes: MIB } } }), /4 ?MiB/],
  ] as const)('%s', async (_what, spec, message) => {
    const answer = await cluster.on('h1').ask('POST', '/services/create', spec);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(messageOf(answer)).toMatch(message);
  });

  test('a name and a port that are taken', async () => {
    await cluster.on('h1').createService(service('first', { publish: 8077 }));
    const name = await cluster.on('h1').ask('POST', '/services/create', service('first'));
    expect(name.status).toBe(409);
    expect(messageOf(name)).toMatch(/name conflicts|already/);
    const port = await cluster.on('h1').ask('POST', '/services/create', service('second', { publish: 8077 }));
    expect(port.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(port)).toMatch(/port '?8077'? is already in use/);
    await cluster.remove('first');
  });
});

async function localState(): Promise<string> {
  const info = (await cluster.on('h3').call('GET', '/info')) as {
    readonly Swarm: { readonly LocalNodeState: string };
  };
  return info.Swarm.LocalNodeState;
}
