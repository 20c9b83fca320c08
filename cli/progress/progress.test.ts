// Progress as people see it: transcripts of create, scale, update and what goes wrong, on a pipe and on a
// terminal. Time is virtual, so that the five seconds of verifying take none.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service, Task } from '../client/types.ts';
import { type Answers, FakeDaemon, skein } from '../test/fake_daemon.ts';
import { node, service, task } from '../test/objects.ts';
import { screenLines } from './lines.ts';
import { picture } from './updater.ts';

const web = service('web');

/** Answers a list of histories, one a poll; the last one stays. */
function polls(histories: readonly (readonly Task[])[]): () => { json: readonly Task[] } {
  let at = 0;
  return () => {
    const json = histories[Math.min(at, histories.length - 1)] ?? [];
    at += 1;
    return { json };
  };
}

function answers(tasks: readonly (readonly Task[])[], states: readonly Partial<Service>[] = [{}]): Answers {
  let looked = 0;
  return {
    'POST /services/create': { status: 201, json: { ID: web.ID } },
    [`GET /services/${web.ID}`]: () => {
      const state = states[Math.min(looked, states.length - 1)];
      looked += 1;
      return { json: { ...web, ...state } };
    },
    'GET /services/web': { json: web },
    [`POST /services/${web.ID}/update`]: { json: { Warnings: null } },
    'GET /tasks': polls(tasks),
    'GET /nodes': { json: [node('h1'), node('h2'), node('h3')] },
  };
}

const running = (slot: number) => task(web, slot, 'running');
const all = [running(1), running(2), running(3)];

describe('progress on a pipe', () => {
  let daemon: FakeDaemon;
  beforeEach(async () => {
    daemon = await FakeDaemon.start();
  });
  afterEach(() => daemon.stop());

  const create = ['service', 'create', '--name', 'web', '--no-resolve-image', 'web:1'];

  it('create: counts, verifies five seconds, converges', async () => {
    daemon.answers = answers([[], [running(1), task(web, 2, 'preparing')], all]);
    const ran = await skein(create, { host: daemon.host });
    expect(ran).toEqual({
      code: 0,
      stderr: '',
      stdout: `${web.ID}
overall progress: 0 out of 3 tasks
overall progress: 1 out of 3 tasks
overall progress: 3 out of 3 tasks
verify: Waiting 5 seconds to verify that tasks are stable...
verify: Service converged
`,
    });
    const { query } = daemon.request('GET /tasks');
    expect(JSON.parse(query.get('filters') ?? '')).toEqual({
      service: { [web.ID]: true },
      '_up-to-date': { true: true },
    });
  });

  it('a task that dies while verifying starts the wait again, with its error', async () => {
    const broken = [running(1), running(2), task(web, 3, 'failed', { error: 'task: non-zero exit (1)' })];
    daemon.answers = answers([all, all, broken, all]);
    const ran = await skein(create, { host: daemon.host });
    expect(ran.stdout).toBe(`${web.ID}
overall progress: 3 out of 3 tasks
verify: Waiting 5 seconds to verify that tasks are stable...
overall progress: 2 out of 3 tasks
3/3: task: non-zero exit (1)
verify: Detected task failure
overall progress: 3 out of 3 tasks
verify: Waiting 5 seconds to verify that tasks are stable...
verify: Service converged
`);
  });

  it('a paused update is an error', async () => {
    daemon.answers = answers(
      [all],
      [{}, { UpdateStatus: { State: 'paused', Message: 'update paused due to failure of task x' } }],
    );
    const ran = await skein(['service', 'update', '--env-add', 'A=2', 'web'], { host: daemon.host });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe('service update paused: update paused due to failure of task x\n');
  });

  it('a roll-back on failure is an error, one that was asked for is not', async () => {
    const states = [
      { UpdateStatus: { State: 'updating' } },
      { UpdateStatus: { State: 'rollback_started', Message: 'rolling back' } },
      { UpdateStatus: { State: 'rollback_completed', Message: 'rollback completed' } },
    ];
    daemon.answers = answers([all], states);
    const failed = await skein(['service', 'update', '--force', 'web'], { host: daemon.host });
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(
      'rollback: rolling back\noverall progress: rolling back update: 3 out of 3 tasks\n',
    );
    expect(failed.stderr).toBe('service rolled back: rollback completed\n');
    daemon.answers = answers([all], states);
    const asked = await skein(['service', 'rollback', 'web'], { host: daemon.host });
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain('verify: Service converged\n');
  });

  it('Ctrl-C leaves the service to itself', async () => {
    daemon.answers = answers([[]]);
    const ran = await skein(create, { host: daemon.host, interruptAfterMs: 400 });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toBe(
      `${web.ID}\noverall progress: 0 out of 3 tasks\nOperation continuing in background.\nUse \`skein service ps ${web.ID}\` to check progress.\n`,
    );
  });

  it('--detach and --quiet', async () => {
    daemon.answers = answers([all]);
    expect((await skein([...create.slice(0, -1), '-d', 'web:1'], { host: daemon.host })).stdout).toBe(
      `${web.ID}\n`,
    );
    expect(daemon.asked.some((asked) => asked.path === '/tasks')).toBe(false);
    expect((await skein([...create.slice(0, -1), '-q', 'web:1'], { host: daemon.host })).stdout).toBe(
      `${web.ID}\n`,
    );
    expect(daemon.asked.some((asked) => asked.path === '/tasks')).toBe(true);
  });

  it('scale waits for each service, and goes on after one that does not exist', async () => {
    daemon.answers = answers([all]);
    const ran = await skein(['service', 'scale', 'nope=2', 'web=3'], { host: daemon.host });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('web scaled to 3\n');
    expect(ran.stdout).toContain('verify: Service converged\n');
    expect(ran.stderr).toBe('Error response from daemon: no such object: /services/nope\n');
    expect(daemon.request(`POST /services/${web.ID}/update`).body).toMatchObject({
      Mode: { Replicated: { Replicas: 3 } },
    });
  });
});

describe('progress on a terminal', () => {
  it('draws a bar for each slot and redraws in place', async () => {
    const daemon = await FakeDaemon.start();
    try {
      daemon.answers = answers([[task(web, 1, 'preparing')], all]);
      const words = ['service', 'create', '--no-resolve-image', 'web:1'];
      const ran = await skein(words, { host: daemon.host, terminal: { columns: 80, rows: 24 } });
      const screens = ran.stdout.split('\u001b[0J').slice(1);
      expect(screens[0]).toContain(
        'overall progress: 0 out of 3 tasks\n1/3: preparing [================================>                 ]\n2/3: \n3/3: \n',
      );
      expect(screens[0]?.endsWith('\u001b[4A\r')).toBe(true);
      expect(screens.at(-1)).toBe(
        `overall progress: 3 out of 3 tasks\n${[1, 2, 3].map((slot) => `${slot}/3: running   [${'='.repeat(49)}>]\n`).join('')}verify: Service converged\n`,
      );
    } finally {
      await daemon.stop();
    }
  });

  it('never draws more lines than there are rows, nor longer ones than columns', () => {
    const big = service('big', 20);
    const tasks = Array.from({ length: 20 }, (_value, index) =>
      task(big, index + 1, 'failed', { error: `bad\n\u001b[2J${'x'.repeat(200)}` }),
    );
    const lines = screenLines(picture(big, tasks, [], false), 'Service converged', { columns: 40, rows: 10 });
    expect(lines).toHaveLength(9);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('picture', () => {
  it('more than twenty slots are shown by their number', () => {
    expect(picture(service('big', 21), [], [], false).bars).toEqual([]);
  });

  it('of two tasks of a slot the wanted one counts', () => {
    const old = task(web, 1, 'running', { DesiredState: 'shutdown' });
    const seen = picture(service('web', 1), [old, task(web, 1, 'starting')], [], false);
    expect([seen.done, seen.bars[0]?.state]).toEqual([0, 'starting']);
  });

  it('a global service counts nodes that are up, and waits for its first task', () => {
    const global: Service = { ...web, Spec: { ...web.Spec, Mode: { Global: {} } } };
    const nodes = [node('h1'), { ...node('h2'), Status: { State: 'down' } }];
    expect(picture(global, [], nodes, false).converged).toBe(false);
    const seen = picture(global, [running(1), task(web, 2, 'pending')], nodes, false);
    expect([seen.done, seen.total, seen.converged]).toEqual([1, 1, true]);
  });

  it('no replicas are converged at once', () => {
    expect(picture(service('none', 0), [], [], false).converged).toBe(true);
  });
});
