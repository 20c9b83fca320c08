// Plain containers on a node with real containers of the kernel; images, network and cluster are played. Needs root.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/log.ts';
import { seededRandom } from '../../shared/random.ts';
import { fakeImages, fakeNetwork } from '../agent/test/fake_node.ts';
import type { ContainerAttachments, LostAttachment } from '../attachment/api.ts';
import type { ContainerConsole } from '../runtime/console.ts';
import { findProgram } from '../runtime/host_facts.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { BusyboxHost, EMPTY_SPEC } from '../runtime/test/busybox.ts';
import { LocalVolumes } from '../volume/local_volumes.ts';
import type { ContainerConfig } from './api.ts';
import { Containers } from './containers.ts';
import type { PlainContainer } from './plain_container.ts';

const able = process.getuid?.() === 0 && (await findProgram('conmon')) !== undefined;
const never = new AbortController().signal;

function shell(script: string, change: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    resources: undefined,
    stdinOnce: false,
    attach: { stdin: false, stdout: true, stderr: true },
    networking: { kind: 'bridge' },
    ports: [],
    publishAll: false,
    restart: { name: 'no', maximumRetryCount: 0 },
    autoRemove: false,
    logDriver: undefined,
    binds: [],
    ...change,
    spec: { ...EMPTY_SPEC, command: ['/bin/sh', '-c', script], ...change.spec },
  };
}

/** One life of the daemon on a host. */
class Node {
  readonly log: string[] = [];
  readonly runtime: ContainerRuntime;
  readonly containers: Containers;
  readonly volumes: LocalVolumes;
  private onLost: ((lost: LostAttachment) => void) | undefined;

  constructor(host: BusyboxHost, runtime: ContainerRuntime) {
    this.runtime = runtime;
    this.volumes = new LocalVolumes({ clock: systemClock }, { root: host.root });
    const network = fakeNetwork(this.log);
    this.containers = new Containers(
      {
        ...{ clock: systemClock, random: seededRandom(host.root.length + this.log.length), runtime },
        logger: silentLogger,
        images: fakeImages([host.layer], this.log),
        volumes: this.volumes,
        network: async () => network,
        attachments: this.attachments(),
      },
      { root: host.root },
    );
  }

  static async boot(host: BusyboxHost): Promise<Node> {
    const node = new Node(host, await host.runtime());
    await node.containers.start();
    return node;
  }

  async shutDown(): Promise<void> {
    await this.containers.stop();
    await this.runtime.stop();
  }

  lose(containerId: string): void {
    this.onLost?.({ containerId, networkId: 'net1', reason: 'given up' });
  }

  /** What the node was asked for, without the ids. */
  asked(): readonly string[] {
    return this.log.map((line) => line.split(' ')[0] ?? '');
  }

  private attachments(): ContainerAttachments {
    return {
      attach: async ({ networks }) => {
        this.log.push('claim');
        return networks.map(({ target }) => ({ networkId: target, addresses: ['10.0.0.2/24'], aliases: [] }));
      },
      release: async () => {
        this.log.push('unclaim');
      },
      retain: async () => undefined,
      attached: () => [],
      onLost: (listener) => {
        this.onLost = listener;
        return () => undefined;
      },
    };
  }
}

/** What a client that is attached gets of both outputs, when it has all. */
function output(console: ContainerConsole): Promise<string> {
  let text = '';
  return new Promise((resolve) =>
    console.listen({
      output: (_stream, data) => {
        text += data.toString();
        return true;
      },
      end: () => resolve(text),
    }),
  );
}

describe.runIf(able)('plain containers', () => {
  let host: BusyboxHost;
  let node: Node;
  beforeEach(async () => {
    host = new BusyboxHost();
    node = await Node.boot(host);
  });
  afterEach(async () => {
    await node.shutDown();
    await host.dispose();
  });

  const create = (
    script: string,
    change: Partial<ContainerConfig> = {},
    name = 'box',
  ): Promise<PlainContainer> => node.containers.create(shell(script, change), name);
  const logOf = async (container: PlainContainer): Promise<string> => {
    const options = { follow: false, stdout: true, stderr: true, tail: -1, since: 0, until: 0 };
    const lines: string[] = [];
    for await (const line of container.log(options, never)) {
      lines.push(Buffer.from(line.data).toString());
    }
    return lines.join('\n');
  };
  const becomes = (container: PlainContainer, status: string): Promise<void> =>
    vi.waitFor(() => expect(container.view().status).toBe(status), { timeout: 10_000, interval: 5 });

  it('docker run --rm: attached before the start, waited for, and nothing is left of it', async () => {
    const box = await create('echo out; echo err >&2; exit 7', { autoRemove: true });
    const opening = box.openConsole(never);
    const removed = box.wait('removed', never);
    expect(await box.start()).toBe(true);
    const text = await output(await opening);
    expect(text.split('\n').sort()).toEqual(['', 'err', 'out']);
    expect(await removed).toEqual({ exitCode: 7, error: '' });
    expect(node.containers.list()).toEqual([]);
    expect(() => node.containers.get('box')).toThrow('No such container: box');
    expect(node.asked()).toEqual(['retain', 'attach', 'detach', 'release']);
    expect([host.traces(), readdirSync(join(host.root, 'standalone'))]).toEqual([[], []]);
    expect(existsSync(node.runtime.bundleDirectory(box.id))).toBe(false);
  });

  it('stop and start: what it wrote and its log stay, the code is its own; each refuses what does not fit', async () => {
    const script =
      'cat /kept 2>/dev/null; echo mine > /kept; trap "exit 3" TERM; echo ready; while :; do sleep 0.01; done';
    const box = await create(script);
    expect(box.view().status).toBe('created');
    expect(await box.stop(undefined)).toBe(false);
    await expect(box.kill('KILL')).rejects.toThrow(/is not running/);
    await box.start();
    expect(await box.start()).toBe(false);
    await expect(box.remove({ force: false, volumes: false })).rejects.toThrow(
      'cannot remove container "/box": container is running: stop the container before removing or force remove',
    );
    await host.untilLog(node.runtime, box.id, 'ready\n');
    expect(await box.stop(undefined)).toBe(true);
    expect(box.view()).toMatchObject({
      status: 'exited',
      pid: 0,
      record: { exitCode: 3, stoppedByUser: true },
    });
    expect(await box.wait('not-running', never)).toEqual({ exitCode: 3, error: '' });
    await box.start();
    await vi.waitFor(async () => expect(await logOf(box)).toBe('ready\nmine\nready'));
    await box.kill('KILL');
    expect(box.record.exitCode).toBe(137);
    await box.remove({ force: false, volumes: true });
    expect(readdirSync(join(host.root, 'standalone'))).toEqual([]);
  });

  it('names are one container’s each, and ids are found by their beginning', async () => {
    const one = await create('true', {}, 'one');
    await expect(create('true', {}, 'one')).rejects.toThrow(
      `Conflict. The container name "/one" is already in use by container "${one.id}".`,
    );
    await expect(create('true', {}, '-x')).rejects.toThrow('Invalid container name (-x)');
    await expect(create('true', { spec: { ...EMPTY_SPEC, image: 'nowhere:1' } }, 'two')).rejects.toThrow(
      'No such image: nowhere:1',
    );
    await node.containers.rename(one, 'other');
    expect([node.containers.get('/other'), node.containers.get(one.id.slice(0, 12))]).toEqual([one, one]);
    expect(() => node.containers.get('one')).toThrow('No such container: one');
  });

  it('on-failure:2 starts it twice more, and a stop in between ends that', async () => {
    const restart = { name: 'on-failure', maximumRetryCount: 2 } as const;
    const box = await create('echo run; exit 1', { restart });
    await box.start();
    await becomes(box, 'exited');
    expect(box.record).toMatchObject({ restartCount: 2, exitCode: 1 });
    expect(await logOf(box)).toBe('run\nrun\nrun');
    await box.start();
    await becomes(box, 'restarting');
    expect(await box.stop(undefined)).toBe(true);
    expect(box.view().status).toBe('exited');
    expect(box.record.restartCount).toBeLessThan(2);
  });

  it('restarted, it runs: the news of the end before comes too late to matter', async () => {
    const box = await create('exec sleep 1000');
    await box.start();
    for (let round = 0; round < 3; round += 1) {
      await box.restart(0);
      await box.rename(`after${round}`);
      expect(box.view().status).toBe('running');
    }
    await box.kill('KILL');
    await box.start();
    await box.rename('last');
    expect(box.view().status).toBe('running');
    await box.remove({ force: true, volumes: false });
  });

  it('a program that is not there: docker’s words, everything given back', async () => {
    const command = ['/bin/nothing'];
    const box = await create('', { spec: { ...EMPTY_SPEC, command } });
    const opening = box.openConsole(never);
    opening.catch(() => undefined);
    await expect(box.start()).rejects.toThrow(/exec: "\/bin\/nothing": executable file not found in \$PATH/);
    await expect(opening).rejects.toThrow('was not started');
    expect(box.view()).toMatchObject({ status: 'created', record: { exitCode: 127 } });
    expect([node.asked(), host.traces()]).toEqual([['retain', 'attach', 'detach'], []]);
    const gone = await create('', { spec: { ...EMPTY_SPEC, command }, autoRemove: true }, 'gone');
    const removed = gone.wait('removed', never);
    await expect(gone.start()).rejects.toThrow();
    expect(await removed).toMatchObject({ exitCode: 127 });
  });

  it('the next daemon has it all: what runs, what ended meanwhile, what was never started', async () => {
    const lives = await create('exec sleep 1000', {}, 'lives');
    const ends = await create('while [ ! -e /dev/shm/go ]; do sleep 0.01; done; exit 5', {}, 'ends');
    const script = 'while [ ! -e /dev/shm/go ]; do sleep 0.01; done';
    const leaves = await create(script, { autoRemove: true }, 'leaves');
    const always = { name: 'always', maximumRetryCount: 0 } as const;
    const again = await create(script, { restart: always }, 'again');
    await create('true', {}, 'waits');
    const stopped = await create('true', { restart: { ...always, name: 'unless-stopped' } }, 'stopped');
    for (const container of [lives, ends, leaves, again, stopped]) {
      await container.start();
    }
    await stopped.stop(undefined);
    const { pid } = lives.view();
    const pids = [ends, leaves, again].map((container) => container.view().pid);
    await node.shutDown();
    const gone = ['ends', 'leaves', 'again'].map((_, at) =>
      host.untilFile(join(host.execRoot, 'exits', [ends, leaves, again][at]?.id ?? '')),
    );
    for (const one of pids) {
      host.touchIn(one, '/dev/shm/go');
    }
    await Promise.all(gone);

    node = await Node.boot(host);
    const view = (name: string) => node.containers.get(name).view();
    expect(view('lives')).toMatchObject({ status: 'running', pid });
    expect(view('ends')).toMatchObject({ status: 'exited', record: { exitCode: 5 } });
    expect(view('waits').status).toBe('created');
    expect(view('stopped').status).toBe('exited');
    expect(() => view('leaves')).toThrow('No such container');
    await becomes(node.containers.get('again'), 'running');
    expect(node.containers.survivors().map(({ taskName }) => taskName)).toContain('lives');
    await node.containers.get('lives').remove({ force: true, volumes: false });
    await node.containers.get('again').remove({ force: true, volumes: false });
  });

  it('a reboot ends what ran, and restart policies decide', async () => {
    const always = { name: 'always', maximumRetryCount: 0 } as const;
    const one = await create('exec sleep 1000', {}, 'one');
    const two = await create('exec sleep 1000', { restart: always }, 'two');
    await one.start();
    await two.start();
    await node.shutDown();
    host.reboot([one.view().pid, two.view().pid]);
    node = await Node.boot(host);
    expect(node.containers.get('one').view()).toMatchObject({ status: 'exited', record: { exitCode: 137 } });
    await becomes(node.containers.get('two'), 'running');
    await node.containers.get('two').remove({ force: true, volumes: false });
  });

  it('on networks of the swarm: claimed before it is attached, given back after; what is lost ends the run', async () => {
    const networks = [{ target: 'net1', aliases: ['db'] }];
    const restart = { name: 'always', maximumRetryCount: 0 } as const;
    const box = await create('trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done', {
      networking: { kind: 'overlay', networks },
      restart,
    });
    await box.start();
    expect(box.record.run?.attachments).toMatchObject([{ networkId: 'net1', addresses: ['10.0.0.2/24'] }]);
    await host.untilLog(node.runtime, box.id, 'ready\n');
    node.lose(box.id);
    await vi.waitFor(() => expect(box.record.restartCount).toBe(1), { timeout: 10_000 });
    await becomes(box, 'running');
    await box.remove({ force: true, volumes: false });
    const run = ['claim', 'attach', 'detach', 'unclaim'];
    const stopped = ['claim', 'attach', 'farewell', 'detach', 'unclaim', 'release'];
    expect(node.asked()).toEqual(['retain', ...run, ...stopped]);
  });

  it('volumes: a named one stays, an anonymous one goes with rm -v', async () => {
    const mounts = [
      { type: 'volume', source: 'named', target: '/named', readOnly: false } as const,
      { type: 'volume', source: '', target: '/own', readOnly: false } as const,
    ];
    const config = shell('echo a > /named/a; echo b > /own/b');
    const box = await node.containers.create({ ...config, spec: { ...config.spec, mounts } }, 'box');
    await box.start();
    await becomes(box, 'exited');
    await expect(node.volumes.remove('named')).rejects.toThrow(/in use/);
    expect(await node.volumes.list()).toHaveLength(2);
    await box.remove({ force: false, volumes: true });
    expect((await node.volumes.list()).map(({ name }) => name)).toEqual(['named']);
  });

  it('a client that takes nothing does not hold up a kill', async () => {
    const box = await create('head -c 3000000 /dev/zero; sleep 1000');
    const opening = box.openConsole(never);
    await box.start();
    const console = await opening;
    const stuck = new Promise<void>((resolve) =>
      console.listen({
        output: () => {
          resolve();
          return false;
        },
        end: () => undefined,
      }),
    );
    await stuck;
    await box.kill('KILL');
    expect(box.view()).toMatchObject({ status: 'exited', record: { exitCode: 137 } });
  });
});
