// Lists as people and scripts see them; the tables are, byte for byte, what the docker command (28.2)
// prints for the same answers.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answers, FakeDaemon, skein } from './test/fake_daemon.ts';
import { node, service, task } from './test/objects.ts';

const web = service('web');
const db = service('db10', 1);
const db2 = service('db2', 1);
const nodes = [node('h2'), node('h1', true), node('h10')];

const ANSWERS: Answers = {
  'GET /nodes': { json: nodes },
  'GET /info': {
    json: { Swarm: { NodeID: node('h1').ID, LocalNodeState: 'active', ControlAvailable: true } },
  },
  'GET /services': { json: [web, db, db2] },
  'GET /services/web': { json: web },
  [`GET /services/${web.ID}`]: { json: web },
  [`GET /nodes/${node('h1').ID}`]: { json: node('h1') },
  [`GET /nodes/${node('h2').ID}`]: { json: node('h2') },
  'GET /tasks': {
    json: [
      task(web, 1, 'failed', {
        error: 'task: non-zero exit (137): container unhealthy',
        age: 90,
        DesiredState: 'shutdown',
      }),
      task(web, 2, 'running', { age: 7200 }),
      task(web, 1, 'running', { age: 65 }),
    ],
  },
  'GET /networks': {
    json: [
      { Name: 'ingress', Id: 'abcdefghijklmnopqrstuvwxy', Driver: 'overlay', Scope: 'swarm' },
      { Name: 'host', Id: 'host', Driver: 'host', Scope: 'local' },
    ],
  },
  'GET /secrets': {
    json: [
      {
        ID: 'secretidabcdefghijklmnopq',
        Version: { Index: 1 },
        CreatedAt: '2026-11-20T11:00:00Z',
        UpdatedAt: '2026-11-20T11:59:15Z',
        Spec: { Name: 'pw', Labels: { a: 'b' } },
      },
    ],
  },
  'GET /images/json': {
    json: [
      {
        Id: `sha256:${'cd'.repeat(32)}`,
        RepoTags: ['web:1', 'registry.test:5000/web:1'],
        RepoDigests: [],
        Created: 1_795_000_000,
        Size: 1_843_210,
      },
      { Id: `sha256:${'ef'.repeat(32)}`, RepoTags: [], RepoDigests: null, Created: 1_794_000_000, Size: 523 },
    ],
  },
};

const CASES: readonly (readonly [line: string, output: string])[] = [
  [
    'node ls',
    `ID                            HOSTNAME   STATUS    AVAILABILITY   MANAGER STATUS   ENGINE VERSION
h1idabcdefghijklmnopqrst *    h1         Ready     Active         Leader           0.1.0
h2idabcdefghijklmnopqrst      h2         Ready     Active         Reachable        0.1.0
h10idabcdefghijklmnopqrst     h10        Ready     Active         Reachable        0.1.0
`,
  ],
  ['node ls -q', 'h1idabcdefghijklmnopqrst\nh2idabcdefghijklmnopqrst\nh10idabcdefghijklmnopqrst\n'],
  ['node ls --format {{.Hostname}}/{{.ManagerStatus}}', 'h1/Leader\nh2/Reachable\nh10/Reachable\n'],
  [
    'service ls',
    `ID             NAME      MODE         REPLICAS   IMAGE     PORTS
db2idabcdefg   db2       replicated   2/1        db2:1     *:8080->80/tcp
db10idabcdef   db10      replicated   2/1        db10:1    *:8080->80/tcp
webidabcdefg   web       replicated   2/3        web:1     *:8080->80/tcp
`,
  ],
  ['service ls -q', 'db2idabcdefg\ndb10idabcdef\nwebidabcdefg\n'],
  ['service ls --format {{.Name}}={{.Label "tier"}}', 'db2=front\ndb10=front\nweb=front\n'],
  [
    'service ls --format json',
    ['db2', 'db10', 'web']
      .map((name) =>
        JSON.stringify({
          ID: `${name}idabcdefghij`.slice(0, 12),
          Image: `${name}:1`,
          Mode: 'replicated',
          Name: name,
          Ports: '*:8080->80/tcp',
          Replicas: name === 'web' ? '2/3' : '2/1',
        }),
      )
      .map((line) => `${line}\n`)
      .join(''),
  ],
  [
    String.raw`service ls --format table~{{.Name}}\t{{upper~.Mode}}`,
    `NAME      MODE
db2       REPLICATED
db10      REPLICATED
web       REPLICATED
`,
  ],
  [
    'service ps web',
    `ID             NAME        IMAGE     NODE      DESIRED STATE   CURRENT STATE                ERROR                              PORTS
task1running   web.1       web:1     h1        Running         Running about a minute ago                                      
task1faileda    \\_ web.1   web:1     h1        Shutdown        Failed about a minute ago    "task: non-zero exit (137): co…"   
task2running   web.2       web:1     h2        Running         Running 2 hours ago                                             
`,
  ],
  [
    'service ps --no-trunc --no-resolve --format {{.Name}}|{{.Node}}|{{.Error}} web',
    `${web.ID}.1|h1idabcdefghijklmnopqrst|
${web.ID}.1|h1idabcdefghijklmnopqrst|"task: non-zero exit (137): container unhealthy"
${web.ID}.2|h2idabcdefghijklmnopqrst|
`,
  ],
  ['service ps -q web', 'task1runningabcdefghijklm\ntask1failedabcdefghijklmn\ntask2runningabcdefghijklm\n'],
  [
    'network ls',
    `NETWORK ID     NAME      DRIVER    SCOPE
host           host      host      local
abcdefghijkl   ingress   overlay   swarm
`,
  ],
  [
    'secret ls',
    `ID                          NAME      DRIVER    CREATED             UPDATED
secretidabcdefghijklmnopq   pw                  About an hour ago   45 seconds ago
`,
  ],
  [
    'images',
    `REPOSITORY               TAG       IMAGE ID       CREATED       SIZE
web                      1         cdcdcdcdcdcd   2 days ago    1.84MB
registry.test:5000/web   1         cdcdcdcdcdcd   2 days ago    1.84MB
<none>                   <none>    efefefefefef   13 days ago   523B
`,
  ],
];

describe('lists', () => {
  let daemon: FakeDaemon;
  beforeAll(async () => {
    daemon = await FakeDaemon.start();
  });
  beforeEach(() => {
    daemon.answers = ANSWERS;
  });
  afterAll(() => daemon.stop());

  it.each(CASES)('skein %s', async (line, output) => {
    const words = line.includes('"')
      ? splitKeepingTemplate(line)
      : line.split(' ').map((word) => word.replaceAll('~', ' '));
    const ran = await skein(words, { host: daemon.host });
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toBe(output);
    expect(ran.code).toBe(0);
  });

  it('an unknown field of a row is an error that names those there are', async () => {
    const ran = await skein(['node', 'ls', '--format', '{{.Nmae}}'], { host: daemon.host });
    expect(ran.code).toBe(125);
    expect(ran.stderr).toContain(
      "can't evaluate field Nmae (fields here: Availability, EngineVersion, Hostname",
    );
  });

  it('sends filters as the API takes them', async () => {
    daemon.asked.length = 0;
    await skein(['service', 'ls', '-f', 'name=web', '-f', 'mode=global', '--filter=name=db'], {
      host: daemon.host,
    });
    const { query } = daemon.request('GET /services');
    expect(JSON.parse(query.get('filters') ?? '')).toEqual({
      name: { web: true, db: true },
      mode: { global: true },
    });
    expect(query.get('status')).toBe('1');
  });
});

function splitKeepingTemplate(line: string): string[] {
  const at = line.indexOf('{{');
  return [...line.slice(0, at).trim().split(' '), line.slice(at)];
}
