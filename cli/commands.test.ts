// What commands ask of the API and print: swarm, images, logs, events, and errors in plain words.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeDaemon, skein } from './test/fake_daemon.ts';
import { node, service, task } from './test/objects.ts';

const web = service('web');
const SWARM = {
  ID: 'c',
  Version: { Index: 3 },
  Spec: {},
  JoinTokens: { Worker: 'SWMTKN-1-w', Manager: 'SWMTKN-1-m' },
};
const INFO = {
  Swarm: {
    NodeID: 'n1',
    ControlAvailable: true,
    RemoteManagers: [
      { NodeID: 'n2', Addr: '10.0.0.2:2377' },
      { NodeID: 'n1', Addr: '10.0.0.1:2377' },
    ],
  },
};

let daemon: FakeDaemon;
let directory: string;
beforeEach(async () => {
  daemon = await FakeDaemon.start();
  directory = await mkdtemp(join(tmpdir(), 'skein-cli-files-'));
});
afterEach(async () => {
  await daemon.stop();
  await rm(directory, { recursive: true, force: true });
});
const run = (line: string, options = {}) => skein(line.split(' '), { host: daemon.host, ...options });

describe('swarm', () => {
  it('init tells how others join', async () => {
    daemon.answers = {
      'POST /swarm/init': { json: 'n1' },
      'GET /swarm': { json: SWARM },
      'GET /info': { json: INFO },
    };
    const ran = await run('swarm init --advertise-addr 10.0.0.1 --task-history-limit 3');
    expect(ran.stdout).toBe(`Swarm initialized: current node (n1) is now a manager.

To add a worker to this swarm, run the following command:

    skein swarm join --token SWMTKN-1-w 10.0.0.1:2377

To add a manager to this swarm, run 'skein swarm join-token manager' and follow the instructions.
`);
    expect(daemon.request('POST /swarm/init').body).toMatchObject({
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: '10.0.0.1',
      Spec: { Orchestration: { TaskHistoryRetentionLimit: 3 } },
    });
  });

  it('join, leave and tokens', async () => {
    daemon.answers = {
      'POST /swarm/join': {},
      'POST /swarm/leave': {},
      'POST /swarm/update': {},
      'GET /swarm': { json: SWARM },
      'GET /info': { json: INFO },
    };
    expect((await run('swarm join --token T 10.0.0.1:2377')).stdout).toBe(
      'This node joined a swarm as a manager.\n',
    );
    expect(daemon.request('POST /swarm/join').body).toMatchObject({
      JoinToken: 'T',
      RemoteAddrs: ['10.0.0.1:2377'],
    });
    expect((await run('swarm leave --force')).stdout).toBe('Node left the swarm.\n');
    expect(daemon.request('POST /swarm/leave').query.get('force')).toBe('1');
    expect((await run('swarm join-token -q manager')).stdout).toBe('SWMTKN-1-m\n');
    expect((await run('swarm join-token --rotate worker')).stdout).toContain(
      'Successfully rotated worker join token.',
    );
    expect(daemon.request('POST /swarm/update').query.get('rotateWorkerToken')).toBe('1');
    expect((await run('swarm join-token boss')).code).toBe(125);
  });
});

describe('images', () => {
  it('load and import send the archive as it is', async () => {
    const path = join(directory, 'a.tar');
    await writeFile(path, 'archive');
    daemon.answers = {
      'POST /images/load': { bytes: '{"stream":"Loaded image: web:1\\n"}\r\n' },
      'POST /images/create': { bytes: '{"status":"sha256:cafe"}\r\n' },
    };
    expect((await run(`image load -i ${path}`)).stdout).toBe('Loaded image: web:1\n');
    expect((await run('load', { stdin: 'piped' })).stdout).toBe('Loaded image: web:1\n');
    expect(daemon.asked.map((asked) => asked.body)).toEqual(['archive', 'piped']);
    const ran = await skein(
      ['import', '--change', 'CMD ["sh"]', '-c', 'ENV A=1', path, 'registry:5000/base:1'],
      { host: daemon.host },
    );
    expect(ran.stdout).toBe('sha256:cafe\n');
    const { query } = daemon.request('POST /images/create');
    expect(query.getAll('changes')).toEqual(['CMD ["sh"]', 'ENV A=1']);
    expect([query.get('fromSrc'), query.get('repo'), query.get('tag')]).toEqual([
      '-',
      'registry:5000/base',
      '1',
    ]);
  });

  it('an error in the middle of the progress is an error', async () => {
    daemon.answers = {
      'POST /images/load': {
        bytes: '{"stream":"x\\n"}\r\n{"errorDetail":{"message":"bad archive"},"error":"bad archive"}\r\n',
      },
    };
    const ran = await run('load', { stdin: 'junk' });
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([1, 'x\n', 'bad archive\n']);
  });

  it('save writes the whole file or none', async () => {
    daemon.answers = { 'GET /images/get': { bytes: 'tarball' } };
    const path = join(directory, 'out.tar');
    expect((await run(`save -o ${path} web:1 web:2`)).code).toBe(0);
    expect(await readFile(path, 'utf8')).toBe('tarball');
    expect(daemon.request('GET /images/get').query.getAll('names')).toEqual(['web:1', 'web:2']);
    expect((await run('save web:1')).stdout).toBe('tarball');
    expect((await run('save web:1', { terminal: { columns: 80, rows: 24 } })).stderr).toContain(
      'cowardly refusing',
    );
  });

  it('create pins what a registry holds, and leaves alone what is only here', async () => {
    const created = { 'POST /services/create': { json: { ID: 'x' } } };
    const digest = `sha256:${'12'.repeat(32)}`;
    const pinnedTo = async () =>
      Reflect.get(Object(daemon.asked.findLast((asked) => asked.method === 'POST')?.body), 'TaskTemplate');
    daemon.answers = {
      ...created,
      'GET /distribution/web:1/json': {
        json: { Descriptor: { digest }, Platforms: [{ architecture: 'amd64', os: 'linux' }] },
      },
    };
    await run('service create -d web:1');
    expect(await pinnedTo()).toMatchObject({
      ContainerSpec: { Image: `web:1@${digest}` },
      Placement: { Platforms: [{ Architecture: 'amd64', OS: 'linux' }] },
    });
    daemon.answers = { ...created, 'GET /images/web:1/json': { json: { Id: 'x', RepoDigests: [] } } };
    const local = await run('service create -d web:1');
    expect(local.stderr).toBe('');
    expect(await pinnedTo()).toMatchObject({ ContainerSpec: { Image: 'web:1' } });
    daemon.answers = created;
    const unknown = await run('service create -d web:1');
    expect(unknown.stderr).toContain('image web:1 could not be accessed on a registry to record');
    expect(unknown.code).toBe(0);
  });
});

describe('streams', () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const details = (slot: number) => {
    const { ID, NodeID } = task(web, slot, 'running');
    return `com.docker.swarm.node.id=${NodeID},com.docker.swarm.service.id=${web.ID},com.docker.swarm.task.id=${ID} `;
  };
  const answers = (bytes: Uint8Array) => ({
    'GET /services/web': { json: web },
    [`GET /services/${web.ID}`]: { json: web },
    [`GET /services/${web.ID}/logs`]: { bytes },
    ...Object.fromEntries(
      [1, 2].map((slot) => [
        `GET /tasks/${task(web, slot, 'running').ID}`,
        { json: task(web, slot, 'running') },
      ]),
    ),
    ...Object.fromEntries(['h1', 'h2'].map((name) => [`GET /nodes/${node(name).ID}`, { json: node(name) }])),
  });

  it('logs: who wrote each line, on its own stream', async () => {
    daemon.answers = answers(
      Buffer.concat([
        frame(1, `${details(1)}hello\n`),
        frame(2, `${details(2)}oh no\n`),
        frame(1, `${details(1)}a b\n`),
      ]),
    );
    const ran = await run('service logs --tail 5 web');
    expect(ran.stdout).toBe('web.1.task1running@h1    | hello\nweb.1.task1running@h1    | a b\n');
    expect(ran.stderr).toBe('web.2.task2running@h2    | oh no\n');
    const { query } = daemon.request(`GET /services/${web.ID}/logs`);
    expect([query.get('tail'), query.get('details'), query.get('follow')]).toEqual(['5', '1', null]);
  });

  it('logs with time, without task ids', async () => {
    daemon.answers = answers(frame(1, `2026-11-20T12:00:00.000000000Z ${details(1)}hello\n`));
    const ran = await run('service logs -t --no-task-ids web');
    expect(ran.stdout).toBe('web.1@h1    | 2026-11-20T12:00:00.000000000Z hello\n');
  });

  it('logs --raw print bytes; a cut stream is an error', async () => {
    daemon.answers = answers(Buffer.concat([frame(1, 'plain\n'), frame(1, 'lost\n').subarray(0, 10)]));
    const ran = await run('service logs --raw web');
    expect([ran.stdout, ran.code]).toEqual(['plain\n', 1]);
    expect(ran.stderr).toContain('cut in the middle of a line');
  });

  it('events: a line each, or by template', async () => {
    const event = {
      Type: 'service',
      Action: 'create',
      Actor: { ID: 'x', Attributes: { name: 'web', a: 'b' } },
      scope: 'swarm',
      time: 1_763_000_000,
      timeNano: 1_763_000_000_250_000_000,
    };
    daemon.answers = { 'GET /events': { bytes: `${JSON.stringify(event)}\n` } };
    expect((await run('events --until 1s')).stdout).toBe(
      '2025-11-13T02:13:20.250000000Z service create x (a=b, name=web)\n',
    );
    expect(
      (await skein(['events', '--format', '{{.Type}}/{{.Actor.Attributes.name}}'], { host: daemon.host }))
        .stdout,
    ).toBe('service/web\n');
  });
});

describe('secrets', () => {
  it('come from stdin or a file, never from the command line', async () => {
    daemon.answers = { 'POST /secrets/create': { json: { ID: 'sid' } } };
    expect((await run('secret create -l a=b pw -', { stdin: 'geheim' })).stdout).toBe('sid\n');
    expect(daemon.request('POST /secrets/create').body).toEqual({
      Name: 'pw',
      Labels: { a: 'b' },
      Data: Buffer.from('geheim').toString('base64'),
    });
    expect((await run('secret create pw')).code).toBe(125);
    expect((await run(`secret create pw ${directory}/none`)).stderr).toContain('Error reading content from');
  });

  it('a service names them, the API wants ids', async () => {
    daemon.answers = {
      'GET /secrets': { json: [{ ID: 'sid', Spec: { Name: 'pw' } }] },
      'POST /services/create': { json: { ID: 'x' } },
    };
    await run('service create -d --no-resolve-image --secret source=pw,target=db,mode=0400 web:1');
    expect(daemon.request('POST /services/create').body).toMatchObject({
      TaskTemplate: {
        ContainerSpec: {
          Secrets: [
            { SecretID: 'sid', SecretName: 'pw', File: { Name: 'db', UID: '0', GID: '0', Mode: 0o400 } },
          ],
        },
      },
    });
    expect((await run('service create -d --no-resolve-image --secret nope web:1')).stderr).toBe(
      'secret not found: nope\n',
    );
  });
});

describe('errors', () => {
  it('no daemon', async () => {
    const ran = await skein(['node', 'ls'], { env: { SKEIN_HOST: `unix://${directory}/none.sock` } });
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: `no skein daemon at unix://${directory}/none.sock: is skeind running?\n`,
    });
  });

  it('the host: -H before SKEIN_HOST before DOCKER_HOST', async () => {
    daemon.answers = { 'GET /nodes': { json: [] } };
    const nowhere = 'unix:///nonexistent/x.sock';
    const env = { SKEIN_HOST: nowhere, DOCKER_HOST: nowhere };
    expect((await skein(['-H', daemon.host, 'node', 'ls', '-q'], { env })).code).toBe(0);
    expect(
      (await skein(['node', 'ls', '-q'], { env: { SKEIN_HOST: daemon.host, DOCKER_HOST: nowhere } })).code,
    ).toBe(0);
    expect((await skein(['node', 'ls', '-q'], { env: { DOCKER_HOST: daemon.host } })).code).toBe(0);
    expect((await skein(['-H', 'ftp://x', 'node', 'ls'])).stderr).toContain(
      'write unix:///path/to/socket or tcp://host:port',
    );
  });

  it('what the daemon says, word by word', async () => {
    daemon.answers = {
      'GET /nodes': { status: 503, json: { message: 'This node is not a swarm manager.' } },
      'GET /info': { json: {} },
    };
    const ran = await run('node ls');
    expect([ran.code, ran.stderr]).toEqual([
      1,
      'Error response from daemon: This node is not a swarm manager.\n',
    ]);
  });

  it.each([
    ['srvice ls', 'skein: unknown command: skein srvice\n\nDid you mean this?\n  skein service\n'],
    ['service lss', 'Did you mean this?\n  skein service ls\n'],
    ['service ls --nope', 'unknown flag: --nope\n\nUsage:  skein service ls [OPTIONS]\n'],
    ['service ls -x', "unknown shorthand flag: 'x' in -x\n"],
    ['service ls extra', "'skein service ls' accepts no arguments\n"],
    ['service rm', "'skein service rm' requires at least 1 argument\n"],
    ['service create --replicas -1 web', 'invalid argument "-1" for "--replicas" flag'],
    ['service create --name', 'flag needs an argument: --name'],
    ['service scale web', "invalid scale specifier 'web'"],
  ])('%s', async (line, message) => {
    const ran = await run(line);
    expect(ran.code).toBe(125);
    expect(ran.stderr).toContain(message);
  });

  it('rm tries all and fails for one', async () => {
    daemon.answers = { 'DELETE /services/a': {}, 'DELETE /services/c': {} };
    const ran = await run('service rm a b c');
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([
      1,
      'a\nc\n',
      'Error response from daemon: no such object: /services/b\n',
    ]);
  });

  it('an object that is missing leaves the others shown', async () => {
    daemon.answers = { 'GET /services/web': { json: { ID: 'x' } } };
    const ran = await run('service inspect web nope');
    expect([ran.code, ran.stdout]).toEqual([1, '[\n    {\n        "ID": "x"\n    }\n]\n']);
  });
});

describe('help', () => {
  it('every command has a summary, flags and an example that begins with its name', async () => {
    const { ROOT, isGroup } = await import('./tree.ts');
    for (const [noun, entry] of Object.entries(ROOT.entries)) {
      const leaves = isGroup(entry)
        ? Object.entries(entry.entries).map(([verb, leaf]) => [`${noun} ${verb}`, leaf] as const)
        : [[noun, entry] as const];
      for (const [name, leaf] of leaves) {
        const ran = await skein([...name.split(' '), '--help']);
        expect(ran.code, name).toBe(0);
        expect(ran.stdout, name).toMatch(/^Usage: {2}skein /);
        expect(ran.stdout, name).toContain('Examples:\n  # ');
        expect(ran.stdout, name).toContain(leaf.summary.split(' ')[0]);
      }
    }
  });

  it('a service may have a command with --help of its own', async () => {
    daemon.answers = { 'POST /services/create': { json: { ID: 'x' } } };
    const ran = await run('service create -d --no-resolve-image web:1 sh --help');
    expect(ran.stdout).toBe('x\n');
    expect(daemon.request('POST /services/create').body).toMatchObject({
      TaskTemplate: { ContainerSpec: { Args: ['sh', '--help'] } },
    });
  });
});
