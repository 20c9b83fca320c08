// Programs read what the command prints: every command that prints data has --format json, and what it prints then
// is JSON and nothing else. Those without it stand here with the reason. Walks the tree of all commands.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Group, isGroup, type Leaf, ROOT } from './tree.ts';
import { type Answers, FakeDaemon, skein } from './test/fake_daemon.ts';
import { node, service, task } from './test/objects.ts';

const ID = 'an id or name a line: for programs as it is';
const NOTHING = 'says that it was done, or nothing';
const FRAMES = 'shows progress until it converges, then the id';

const WITHOUT: Readonly<Record<string, string>> = {
  'config create': ID,
  'config rm': ID,
  'image import': ID,
  'image load': NOTHING,
  'image pull': 'shows progress, then the name',
  'image rm': 'untagged and deleted names a line, as docker',
  'image save': 'writes an archive',
  'image tag': NOTHING,
  'network connect': NOTHING,
  'network create': ID,
  'network disconnect': NOTHING,
  'network rm': ID,
  'network rotate-keys': NOTHING,
  'node demote': NOTHING,
  'node promote': NOTHING,
  'node rm': ID,
  'node update': ID,
  'secret create': ID,
  'secret rm': ID,
  'service create': FRAMES,
  'service logs': 'the bytes of the tasks, which have a format of their own',
  'service rm': ID,
  'service rollback': FRAMES,
  'service scale': FRAMES,
  'service update': FRAMES,
  'swarm backup': 'writes a file',
  'swarm init': 'says in words how others join: join-token and unlock-key have the data',
  'swarm join': NOTHING,
  'swarm leave': NOTHING,
  'swarm restore': NOTHING,
  'swarm unlock': NOTHING,
  'swarm update': 'says that it was done; with --autolock the key, which unlock-key has as data',
  import: ID,
  load: NOTHING,
  pull: 'shows progress, then the name',
  rmi: 'untagged and deleted names a line, as docker',
  save: 'writes an archive',
  tag: NOTHING,
};

const TOKEN = 'SWMTKN-1-worker';
const UNLOCK_KEY = 'SWMKEY-1-key';
const web = service('web');
const data = {
  ID: 'd1',
  CreatedAt: web.CreatedAt,
  UpdatedAt: web.UpdatedAt,
  Spec: { Name: 'd', Labels: {} },
};
const network = { Id: 'n1', Name: 'net', Driver: 'overlay', Scope: 'swarm', Labels: {}, Options: {} };
const image = { Id: 'sha256:1', RepoTags: ['a:1'], RepoDigests: [], Created: 1, Size: 2, Containers: -1 };
const report = { NetworkID: 'n1', Name: 'net', Version: 1, Differences: ['one'] };
const step = { Id: 'sha256:1', Created: 1, CreatedBy: 'sh', Size: 2, Comment: '', Tags: null };

const ANSWERS: Answers = {
  'GET /swarm': {
    json: {
      ID: 'c',
      Version: { Index: 3 },
      Spec: {},
      JoinTokens: { Worker: TOKEN, Manager: 'SWMTKN-1-manager' },
      TLSInfo: { TrustRoot: 'PEM\n' },
    },
  },
  'GET /swarm/unlockkey': { json: { UnlockKey: UNLOCK_KEY } },
  'POST /swarm/update': {},
  'GET /info': {
    json: { Swarm: { NodeID: 'self', RemoteManagers: [{ NodeID: 'self', Addr: '10.0.0.1:2377' }] } },
  },
  'GET /version': { json: { Version: '1' } },
  'GET /events': { bytes: '{"Type":"node","Action":"update","Actor":{"ID":"n"}}\n' },
  'GET /nodes': { json: [node('h1')] },
  'GET /nodes/x': { json: node('x') },
  [`GET /nodes/${node('h1').ID}`]: { json: node('h1') },
  'GET /services': { json: [web] },
  'GET /services/x': { json: web },
  [`GET /services/${web.ID}`]: { json: web },
  'GET /tasks': { json: [task(web, 1, 'running')] },
  'GET /tasks/x': { json: task(web, 1, 'running') },
  'GET /networks': { json: [network] },
  'GET /networks/x': { json: network },
  'POST /networks/prune': { json: { NetworksDeleted: ['net'] } },
  'POST /skein/network/check': { json: [report] },
  'GET /configs': { json: [data] },
  'GET /configs/x': { json: data },
  'GET /secrets': { json: [data] },
  'GET /secrets/x': { json: data },
  'GET /images/json': { json: [image] },
  'GET /images/x/json': { json: image },
  'GET /images/x/history': { json: [step] },
};

/** Arguments of commands that need some. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'swarm join-token': ['worker'],
  'image history': ['x'],
  history: ['x'],
};

function commands(
  group: Group,
  before: readonly string[] = [],
): readonly (readonly [name: string, leaf: Leaf])[] {
  return Object.entries(group.entries).flatMap(([word, entry]) => {
    const path = [...before, word];
    return isGroup(entry) ? commands(entry, path) : [[path.join(' '), entry] as const];
  });
}

describe('--format json', () => {
  let daemon: FakeDaemon;
  beforeEach(async () => {
    daemon = await FakeDaemon.start();
    daemon.answers = ANSWERS;
  });
  afterEach(async () => await daemon.stop());
  const run = (...words: readonly string[]) => skein(words, { host: daemon.host });

  it.each(commands(ROOT))('%s has it, or a reason', async (name, leaf) => {
    const command = await leaf.load();
    if (WITHOUT[name] !== undefined) {
      expect(Object.keys(command.flags), 'has the flag: no reason is needed').not.toContain('format');
      return;
    }
    const words = WORDS[name] ?? (/inspect$|ps$/.test(name) ? ['x'] : []);
    const { stdout, stderr } = await run(...name.split(' '), '--format', 'json', ...words);
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect(lines).not.toEqual([]);
    for (const line of lines) {
      expect(JSON.parse(line)).toBeTypeOf('object');
    }
    // Tokens and keys are printed where the command is there to print them, and nowhere else.
    expect(stdout.includes('SWMTKN')).toBe(name === 'swarm join-token');
    expect(stdout.includes('SWMKEY')).toBe(name === 'swarm unlock-key');
  });

  it('knows no command that is gone', () => {
    const names = commands(ROOT).map(([name]) => name);
    expect(Object.keys(WITHOUT).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('tells tokens, keys, the root and what was pruned', async () => {
    const json = ['--format', 'json'];
    const token = { Role: 'worker', Token: TOKEN, ManagerAddr: '10.0.0.1:2377' };
    const told = async (...words: readonly string[]): Promise<unknown> =>
      JSON.parse((await run(...words)).stdout);
    expect(await told('swarm', 'join-token', ...json, '--rotate', 'worker')).toEqual(token);
    expect(await told('swarm', 'unlock-key', ...json)).toEqual({ UnlockKey: UNLOCK_KEY });
    expect(await told('swarm', 'ca', ...json)).toEqual({ TrustRoot: 'PEM' });
    expect(await told('network', 'prune', '--force', ...json)).toEqual({ NetworksDeleted: ['net'] });
    daemon.answers = { ...ANSWERS, 'POST /networks/prune': { json: { NetworksDeleted: null } } };
    expect(await told('network', 'prune', ...json)).toEqual({ NetworksDeleted: [] });
    const addr = await run('swarm', 'join-token', '--format', '{{.ManagerAddr}}', 'manager');
    expect(addr.stdout).toBe('10.0.0.1:2377\n');
    expect((await run('swarm', 'unlock-key', ...json, '--quiet')).stdout).toBe(`${UNLOCK_KEY}\n`);
  });
});
