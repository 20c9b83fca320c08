// Tasks on a node with real containers: states in order, stops, restarts of the daemon. Needs root.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/log.ts';
import type { Task } from '../../shared/model/task.ts';
import type { StatusUpdate } from '../../shared/protocol/dispatcher.ts';
import type { LogMessage, LogPublish, LogService } from '../../shared/protocol/logs.ts';
import { findProgram } from '../runtime/host_facts.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { BusyboxHost } from '../runtime/test/busybox.ts';
import { LocalVolumes } from '../volume/local_volumes.ts';
import { EMPTY_SET, applyAssignments } from './assignment_set.ts';
import { LogPublisher } from './log_publisher.ts';
import { TaskDatabase } from './task_database.ts';
import { TaskManager } from './task_manager.ts';
import { fakeImages, fakeNetwork } from './test/fake_node.ts';
import { shellTask, taskId } from './test/samples.ts';

const able = process.getuid?.() === 0 && (await findProgram('conmon')) !== undefined;

/** What a test that failed half-way left running is stopped before its directory is removed. */
const booted: Node[] = [];

/** One life of the daemon on a host. */
class Node {
  readonly states: string[] = [];
  readonly log: string[] = [];
  readonly runtime: ContainerRuntime;
  readonly tasks: TaskManager;
  readonly database: TaskDatabase;
  private set = EMPTY_SET;
  private readonly waiting = new Set<() => void>();

  constructor(host: BusyboxHost, runtime: ContainerRuntime) {
    this.runtime = runtime;
    this.database = new TaskDatabase({ logger: silentLogger }, { root: host.root });
    this.tasks = new TaskManager({
      clock: systemClock,
      logger: silentLogger,
      runtime,
      images: fakeImages([host.layer], this.log),
      network: fakeNetwork(this.log),
      volumes: new LocalVolumes({ clock: systemClock }, { root: host.root }),
      node: () => ({ id: 'n1', hostname: 'h1', os: 'linux', architecture: 'x86_64' }),
      database: this.database,
    });
    this.tasks.onStatus((update) => this.note(update));
  }

  static async boot(host: BusyboxHost): Promise<Node> {
    const node = new Node(host, await host.runtime());
    booted.push(node);
    await node.tasks.start();
    return node;
  }

  async shutDown(): Promise<void> {
    await this.tasks.stop();
    await this.runtime.stop();
  }

  /** A full set of exactly these tasks. */
  assign(...tasks: readonly Task[]): void {
    const delta = applyAssignments(this.set, {
      kind: 'assignments',
      mode: 'full',
      base: 0,
      sequence: this.set.sequence + 1,
      changes: tasks.map((task) => ({ action: 'update', item: { kind: 'task', task } })),
    });
    if (delta !== 'gap') {
      this.set = delta.set;
      this.tasks.apply(delta, true);
    }
  }

  /** Resolves once something like this was reported. */
  async until(text: string): Promise<void> {
    while (!this.states.some((state) => state.includes(text))) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  private note({ taskId: id, status }: StatusUpdate): void {
    const error = status.error === '' ? '' : `: ${status.error}`;
    this.states.push(`${id.replace(/0+$/, '')} ${status.state}${error}`);
    for (const wake of this.waiting) {
      wake();
    }
    this.waiting.clear();
  }
}

describe.runIf(able)('tasks of a node', () => {
  let host: BusyboxHost;
  beforeEach(() => {
    host = new BusyboxHost();
  });
  afterEach(async () => {
    for (const node of booted.splice(0)) {
      await node.shutDown();
    }
    await host.dispose();
  });

  it('reports each state in order, and the end', async () => {
    const node = await Node.boot(host);
    node.assign(shellTask(taskId(1), 'exit 4'));
    await node.until('failed');
    const states = node.states.filter((state) => state !== 'task1 running');
    expect(states).toEqual([
      'task1 accepted',
      'task1 preparing',
      'task1 ready',
      'task1 starting',
      'task1 failed: task: non-zero exit (4)',
    ]);
    expect(node.log.slice(1)).toEqual(['readopt', 'attach task1', 'detach task1']);
    node.assign();
    await node.tasks.endAll();
    expect([readdirSync(join(host.root, 'tasks')), host.traces()]).toEqual([[], []]);
    await node.shutDown();
  });

  it('rejects a task whose image cannot be had', async () => {
    const node = await Node.boot(host);
    const task = shellTask(taskId(1), 'true');
    const container = { ...task.spec.container, image: 'nothing:1' };
    node.assign({ ...task, spec: { ...task.spec, container } });
    await node.until('rejected');
    expect(node.states.at(-1)).toBe('task1 rejected: No such image: nothing:1');
    await node.shutDown();
  });

  it('waits at ready, runs, and is killed when it will not stop in its grace period', async () => {
    const node = await Node.boot(host);
    const task = shellTask(taskId(1), 'trap "" TERM; while true; do sleep 1; done', {
      desiredState: 'ready',
    });
    node.assign(task);
    await node.until('ready');
    expect(node.runtime.get(task.id)?.phase).toBe('created');
    node.assign({ ...task, desiredState: 'running' });
    await node.until('running');
    node.assign({ ...task, desiredState: 'shutdown' });
    await node.until('shutdown');
    expect(node.runtime.get(task.id)?.exit?.code).toBe(137);
    // It was told to end: what it sent last is to arrive before its network goes.
    expect(node.log.slice(1)).toEqual(['readopt', 'attach task1', 'farewell task1', 'detach task1']);
    await node.shutDown();
  });

  it('is told to stop after a second whatever the nodes say; late callers find it shut until they have said it', async () => {
    const node = await Node.boot(host);
    const network = { networkId: 'net000000001', addresses: ['10.0.9.5/24'], aliases: [] };
    const task = {
      ...shellTask(taskId(1), 'trap "exit 0" TERM; while true; do sleep 0.05; done'),
      networks: [network],
    };
    node.assign(task);
    await node.until('running');
    node.assign({ ...task, desiredState: 'shutdown' });
    await vi.waitFor(() => expect(node.log.at(-1)).toBe('farewell task1'), 4_000);
    expect(node.runtime.get(task.id)?.phase).toBe('exited');
    expect(node.log.slice(1)).toEqual(['readopt', 'attach task1', 'shut task1', 'farewell task1']);
    node.tasks.drained([task.id]);
    await node.until('shutdown');
    expect(node.log.at(-1)).toBe('detach task1');
    await node.shutDown();
  });

  it('runs a task that cannot be written down, writes it when there is room, and knows it after a restart', async () => {
    const directory = join(host.root, 'tasks');
    mkdirSync(directory, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'skt-tasks', directory]);
    try {
      const filler = join(directory, 'filler');
      const node = await Node.boot(host);
      expect(() => writeFileSync(filler, Buffer.alloc(128 * 1024))).toThrow('ENOSPC');
      node.assign(shellTask(taskId(1), 'sleep 600'));
      await node.until('running');
      await node.database.flush();
      expect(readdirSync(directory)).not.toContain(taskId(1));
      rmSync(filler);
      await expect.poll(() => readdirSync(directory), { timeout: 15_000 }).toContain(taskId(1));
      await node.shutDown();
      const again = await Node.boot(host);
      expect(again.runtime.get(taskId(1))?.phase).toBe('running');
      expect(again.tasks.get(taskId(1))?.status.state).toBe('running');
      again.assign();
      await again.tasks.endAll();
      await again.shutDown();
    } finally {
      execFileSync('umount', ['-l', directory]);
    }
  });

  it('runs only when healthy and fails when unhealthy', async () => {
    const node = await Node.boot(host);
    const healthcheck = {
      test: ['CMD-SHELL', '[ -e /ok ] && [ "$A" = 1 ]'],
      intervalMs: 30,
      timeoutMs: 5_000,
      startPeriodMs: 0,
      startIntervalMs: 0,
      retries: 100,
    };
    const task = shellTask(taskId(1), 'sleep 0.2; touch() { : > $1; }; touch /ok; sleep 1000');
    const container = { ...task.spec.container, env: ['A=1'], healthcheck };
    node.assign({ ...task, spec: { ...task.spec, container } });
    await node.until('starting');
    await node.until('running');
    const bad = shellTask(taskId(2), 'sleep 1000');
    const never = { ...healthcheck, test: ['CMD', '/bin/sh', '-c', 'exit 1'], retries: 2 };
    node.assign(
      { ...task, spec: { ...task.spec, container } },
      { ...bad, spec: { ...bad.spec, container: { ...bad.spec.container, healthcheck: never } } },
    );
    await node.until('task2 failed: unhealthy container');
    expect(node.states).not.toContain('task2 running');
    await node.shutDown();
  });

  it('a restarted daemon takes running tasks up, reports those that ended, forgets what is unknown', async () => {
    const first = await Node.boot(host);
    const lives = shellTask(taskId(1), 'sleep 1000');
    const ends = shellTask(taskId(2), 'while [ ! -e /dev/shm/go ]; do sleep 0.01; done; exit 3');
    first.assign(lives, ends);
    await first.until('task1 running');
    await first.until('task2 running');
    const pid = first.runtime.get(lives.id)?.pid;
    await first.shutDown();
    const gone = host.untilFile(join(host.execRoot, 'exits', ends.id));
    host.touchIn(first.runtime.get(ends.id)?.pid ?? 0, '/dev/shm/go');
    await gone;
    writeFileSync(join(host.root, 'tasks', taskId(3)), 'no task');

    const second = await Node.boot(host);
    await second.until('task2 failed: task: non-zero exit (3)');
    expect(second.states.filter((state) => state.startsWith('task1'))).toEqual([]);
    expect(second.log.slice(0, 2)).toEqual(['retain task1', 'readopt task1']);
    expect(second.runtime.get(lives.id)).toMatchObject({ phase: 'running', pid });
    second.assign({ ...lives, desiredState: 'shutdown' });
    await second.until('task1 shutdown');
    await second.shutDown();
  });

  it('is stopped when what was begun on containers has ended, a health probe cut short, and not before', async () => {
    const node = await Node.boot(host);
    const ends = shellTask(taskId(1), 'exit 4');
    const probed = shellTask(taskId(2), 'sleep 1000');
    const healthcheck = {
      test: ['CMD-SHELL', 'echo $$ > /dev/shm/probed; exec sleep 1000'],
      intervalMs: 1,
      timeoutMs: 600_000,
      startPeriodMs: 0,
      startIntervalMs: 0,
      retries: 1,
    };
    const container = { ...probed.spec.container, healthcheck };
    const log: string[] = [];
    let cleaning: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      cleaning = resolve;
    });
    const clean = node.runtime.clean.bind(node.runtime);
    vi.spyOn(node.runtime, 'clean').mockImplementation(async (id) => {
      cleaning();
      await expect.poll(() => log, { timeout: 60_000 }).toContain('stopping');
      await clean(id);
      log.push(`cleaned ${node.runtime.get(id)?.cleaned}`);
    });
    node.assign(ends, { ...probed, spec: { ...probed.spec, container } });
    await begun;
    await node.until('task2 starting');
    const inside = (path: string): string => `/proc/${node.runtime.get(probed.id)?.pid ?? 0}/root/${path}`;
    await expect
      .poll(() => readFileSync(inside('dev/shm/probed'), 'utf8'), { timeout: 30_000 })
      .toMatch(/^\d+\n$/);
    const probe = inside(`proc/${readFileSync(inside('dev/shm/probed'), 'utf8').trim()}`);
    const runs = (): boolean =>
      existsSync(probe) && /^State:\s+[^ZX]/m.test(readFileSync(`${probe}/status`, 'utf8'));
    expect(runs()).toBe(true);
    log.push('stopping');
    await node.shutDown();
    log.push('stopped');
    expect(log).toEqual(['stopping', 'cleaned true', 'stopped']);
    await expect.poll(runs, { timeout: 10_000 }).toBe(false);
  });

  it('sends the lines of a service, following until the task ends', async () => {
    const node = await Node.boot(host);
    const task = shellTask(
      taskId(1),
      'echo one; echo two >&2; while [ ! -e /go ]; do sleep 0.01; done; echo three',
    );
    node.assign(task);
    await node.until('running');
    const sent: string[] = [];
    const publisher = new LogPublisher(
      { clock: systemClock, logger: silentLogger, tasks: node.tasks, runtime: node.runtime },
      { nodeId: 'n1' },
    );
    const over = new AbortController();
    const seen = new Promise<void>((resolve) => {
      const service: LogService = {
        subscribe: () => {
          throw new Error('not asked for');
        },
        async *listen() {
          const selector = { serviceIds: [task.serviceId], taskIds: [], nodeIds: [] };
          const options = { follow: true, stdout: true, stderr: true, tail: -1, since: 0, until: 0 };
          yield { action: 'open', id: 'l1', selector, options };
          await new Promise((done) => over.signal.addEventListener('abort', done));
        },
        async publish(messages: AsyncIterable<LogPublish>) {
          for await (const message of messages) {
            sent.push(...(message.kind === 'messages' ? message.messages.map(text) : []));
            if (sent.length === 2) {
              host.touchIn(node.runtime.get(task.id)?.pid ?? 0, '/go');
            }
            if (sent.length === 3) {
              resolve();
            }
          }
        },
      };
      publisher.serve(service, over.signal).catch(() => undefined);
    });
    await seen;
    expect([sent.slice(0, 2).sort(), sent[2]]).toEqual([['stderr two', 'stdout one'], 'stdout three']);
    over.abort();
    await node.shutDown();
  });

  it('keeps secrets out of every file', async () => {
    const node = await Node.boot(host);
    const task = shellTask(taskId(1), 'cat /run/secrets/s; exit 9');
    const file = { name: 's', uid: '0', gid: '0', mode: 0o444 };
    const container = { ...task.spec.container, secrets: [{ secretId: 'sec', secretName: 's', file }] };
    const spec = { name: 's', labels: {}, data: Buffer.from('very-secret-bytes\n') };
    const delta = applyAssignments(EMPTY_SET, {
      kind: 'assignments',
      mode: 'full',
      base: 0,
      sequence: 1,
      changes: [
        { action: 'update', item: { kind: 'task', task: { ...task, spec: { ...task.spec, container } } } },
        { action: 'update', item: { kind: 'secret', secret: { id: 'sec', meta: task.meta, spec } } },
      ],
    });
    expect(delta).not.toBe('gap');
    if (delta !== 'gap') {
      node.tasks.apply(delta, true);
    }
    await node.until('failed: task: non-zero exit (9)');
    expect(host.log(node.runtime, task.id)).toContain('very-secret-bytes');
    expect(readFileSync(join(host.root, 'tasks', task.id)).includes('very-secret')).toBe(false);
    await node.shutDown();
  });
});

function text(message: LogMessage): string {
  return `${message.stream} ${Buffer.from(message.data).toString()}`;
}
