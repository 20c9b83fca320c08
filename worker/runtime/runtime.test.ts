// Real containers: conmon with runc and crun on a busybox root file system. Needs root.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canTakeDescriptors, takeDescriptor } from '../kernel/descriptor.ts';
import { ContainerConsole, resizeConsole } from './console.ts';
import { findProgram } from './host_facts.ts';
import { rotateLog } from './log_rotation.ts';
import { BusyboxHost } from './test/busybox.ts';

const root = process.getuid?.() === 0;
const able =
  root && (await findProgram('conmon')) !== undefined && (await findProgram('busybox')) !== undefined;
const installed = await Promise.all(['runc', 'crun'].map(findProgram));
const runtimes = (['runc', 'crun'] as const).filter((_, index) => installed[index] !== undefined);

describe.runIf(able).each(runtimes)('containers by %s', (name) => {
  let host: BusyboxHost;
  beforeEach(() => {
    host = new BusyboxHost();
  });
  afterEach(async () => {
    await host.dispose();
  });

  it('runs a program: exit code, output, and nothing left behind', async () => {
    const runtime = await host.runtime(name);
    const { exit, text } = await host.run(runtime, host.plan('a1', 'echo out; echo err >&2; exit 7'));
    expect(exit).toMatchObject({ code: 7, oomKilled: false, error: '' });
    expect(text.split('\n').sort()).toEqual(['', 'err', 'out']);
    expect(host.traces()).toEqual([]);
  });

  it('gives it user, groups, environment, directory, files, hostname and secrets', async () => {
    const runtime = await host.runtime(name);
    const target = { name: 'key', uid: '33', gid: '34', mode: 0o400 };
    const plan = host.plan(
      'a2',
      'id -u; id -g; id -G; echo $A $HOSTNAME $HOME; cat /proc/self/cwd/../../etc/resolv.conf; ' +
        'cat /run/secrets/key; stat -c %a:%u:%g /run/secrets/key; cat /cfg; hostname; pwd; grep box /etc/hosts; ' +
        'mount | grep -c " /run/secrets/key type tmpfs (ro"; (echo x > /cfg) 2>/dev/null || echo read-only',
      {
        spec: { user: 'web', env: ['A=1'], dir: '/made/here' },
        secrets: [{ target, data: Buffer.from('s3cret\n') }],
        configs: [{ target: { name: '/cfg', uid: '0', gid: '0', mode: 0o444 }, data: Buffer.from('conf\n') }],
      },
    );
    const { exit, text } = await host.run(runtime, plan);
    expect(exit.code).toBe(0);
    expect(text.split('\n')).toEqual([
      '33',
      '34',
      '34 40',
      '1 box /srv',
      'nameserver 127.0.0.11',
      's3cret',
      '400:33:34',
      'conf',
      'box',
      '/made/here',
      '10.0.0.5\tbox',
      '1',
      'read-only',
      '',
    ]);
  });

  it('enforces memory, pids and cpu limits, and tells an OOM kill', async () => {
    const runtime = await host.runtime(name);
    const limits = { nanoCpus: 5e8, memoryBytes: 8 * 2 ** 20, pids: 20 };
    const resources = { limits, reservations: { nanoCpus: 0, memoryBytes: 0, generic: [] } };
    const plan = host.plan(
      'a3',
      'head -c 60000000 /dev/zero | dd of=/dev/shm/x bs=1M; a=$(cat /dev/shm/x); sleep 9',
      {
        resources,
      },
    );
    await runtime.create(plan);
    const { cgroupsPath, linux } = JSON.parse(
      readFileSync(join(runtime.bundleDirectory('a3'), 'config.json'), 'utf8'),
    );
    expect([cgroupsPath, linux.resources.cpu.quota, linux.resources.pids.limit]).toEqual([
      undefined,
      50_000,
      20,
    ]);
    await runtime.startContainer('a3');
    const exit = await runtime.wait('a3');
    expect(exit).toMatchObject({ code: 137, oomKilled: true });
  });

  it('is taken up by the next daemon without interruption; an end in between is found', async () => {
    const first = await host.runtime(name);
    await first.create(host.plan('a4', 'sleep 1000'));
    await first.create(host.plan('a5', 'while [ ! -e /dev/shm/go ]; do sleep 0.01; done; exit 3'));
    const { pid } = await first.startContainer('a4');
    const short = await first.startContainer('a5');
    await first.stop();
    const gone = host.untilFile(join(host.execRoot, 'exits', 'a5'));
    host.touchIn(short.pid, '/dev/shm/go');
    await gone;

    const second = await host.runtime(name);
    expect(second.get('a4')).toMatchObject({ phase: 'running', pid });
    expect(second.get('a5')).toMatchObject({ phase: 'exited', exit: { code: 3 } });
    await second.signalStop('a4');
    await second.kill('a4', 'KILL');
    expect(await second.wait('a4')).toMatchObject({ code: 137 });
  });

  it('its monitor keeps what it was given, the container gets none of it, and the next daemon has it again', async () => {
    const first = await host.runtime(name);
    const file = openSync(join(host.directory, 'kept'), 'w+');
    await first.create({ ...host.plan('a7', 'exec sleep 1000'), keep: () => [file, file] });
    const { pid } = await first.startContainer('a7');
    closeSync(file);
    await first.stop();
    const kept = (await host.runtime(name)).get('a7')?.kept;
    expect(kept?.descriptors).toHaveLength(2);
    const opened = (of: number): readonly string[] =>
      execFileSync('find', [`/proc/${of}/fd`, '-lname', '*/kept'])
        .toString()
        .split('\n')
        .filter((line) => line !== '');
    expect(opened(kept?.pid ?? 0)).toHaveLength(2);
    expect(opened(pid)).toEqual([]);
    if (canTakeDescriptors()) {
      const taken = takeDescriptor(kept?.pid ?? 0, kept?.descriptors[1] ?? 0);
      expect(readlinkSync(`/proc/self/fd/${taken}`)).toMatch(/\/kept$/);
      closeSync(taken);
    }
  });

  it('a program that cannot start is an error with the runtime’s words, and leaves nothing', async () => {
    const runtime = await host.runtime(name);
    const plan = host.plan('a6', '', { spec: { command: ['/bin/nothing'] } });
    await expect(runtime.create(plan)).rejects.toThrow(/no such file|not found/i);
    expect([runtime.list(), host.traces()]).toEqual([[], []]);
  });

  it('keeps rotated log files, and bounds them', async () => {
    const runtime = await host.runtime(name);
    const lines = (from: number, to: number): string =>
      `i=${from}; while [ $i -lt ${to} ]; do echo line-$i; i=$((i+1)); done`;
    const wait = (flag: string): string => `while [ ! -e /${flag} ]; do sleep 0.01; done`;
    const script = `${lines(0, 100)}; ${wait('go')}; ${lines(100, 200)}; ${wait('end')}`;
    const plan = host.plan('a7', script, {
      logDriver: { name: 'json-file', options: { 'max-size': '8k', 'max-file': '2' } },
    });
    await runtime.create(plan);
    const { pid } = await runtime.startContainer('a7');
    await host.untilLog(runtime, 'a7', 'line-99\n');
    host.touchIn(pid, '/go');
    await host.untilLog(runtime, 'a7', 'line-199\n');
    expect(host.log(runtime, 'a7')).not.toContain('line-0\n');
    expect(await rotateLog(runtime.bundleDirectory('a7'), 2)).toBe(true);
    expect(readFileSync(join(runtime.bundleDirectory('a7'), 'log.1'), 'utf8')).toContain('line-0\n');
  });
});

describe.runIf(able)('standard streams', () => {
  let host: BusyboxHost;
  beforeEach(() => {
    host = new BusyboxHost();
  });
  afterEach(async () => {
    await host.dispose();
  });

  /** What a client of the container gets, stream by stream, when it has all. */
  function collect(console: ContainerConsole) {
    const got = { stdout: '', stderr: '' };
    const ended = new Promise<typeof got>((resolve) =>
      console.listen({
        output: (stream, data) => {
          got[stream] += data.toString();
          return true;
        },
        end: () => resolve(got),
      }),
    );
    return ended;
  }

  it('input and both outputs pass a client that was there before the start, to the last byte', async () => {
    const runtime = await host.runtime();
    for (let round = 0; round < 5; round += 1) {
      const id = `c${round}`;
      await runtime.create(
        host.plan(id, 'echo out; echo err >&2; cat; printf end', { spec: { openStdin: true } }),
      );
      const console = new ContainerConsole(runtime.bundleDirectory(id));
      const all = collect(console);
      await console.write(Buffer.from(`hello ${'x'.repeat(20_000)}\n`));
      console.endInput();
      await runtime.startContainer(id);
      expect(await all).toEqual({ stdout: `out\nhello ${'x'.repeat(20_000)}\nend`, stderr: 'err\n' });
      expect(await runtime.wait(id)).toMatchObject({ code: 0 });
    }
  });

  it('a client that takes nothing loses nothing, and makes the container wait', async () => {
    const runtime = await host.runtime();
    await runtime.create(host.plan('slow', 'head -c 2000000 /dev/zero; printf end'));
    const console = new ContainerConsole(runtime.bundleDirectory('slow'));
    let bytes = 0;
    let last = '';
    let waiting: (() => void) | undefined;
    const paused = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const ended = new Promise<void>((resolve) =>
      console.listen({
        output: (_stream, data) => {
          bytes += data.length;
          last = data.subarray(-3).toString();
          waiting?.();
          return bytes > 100_000;
        },
        end: resolve,
      }),
    );
    await runtime.startContainer('slow');
    await paused;
    expect([console.isPaused, runtime.get('slow')?.phase]).toEqual([true, 'running']);
    const drain = setInterval(() => console.resume(), 1);
    await ended;
    clearInterval(drain);
    expect([bytes, last]).toEqual([2_000_003, 'end']);
  });

  it('a terminal has the size that it is told, and input stays open when told so', async () => {
    const runtime = await host.runtime();
    const plan = host.plan('tty', 'read a; busybox stty size; read b; echo "$a $b"', {
      spec: { tty: true, openStdin: true },
      leaveStdinOpen: true,
    });
    await runtime.create(plan);
    await runtime.startContainer('tty');
    resizeConsole(runtime.bundleDirectory('tty'), { height: 33, width: 111 });
    const first = new ContainerConsole(runtime.bundleDirectory('tty'));
    await first.write(Buffer.from('one\n'));
    first.endInput();
    await host.untilLog(runtime, 'tty', '33 111');
    first.close();
    const second = new ContainerConsole(runtime.bundleDirectory('tty'));
    const all = collect(second);
    await second.write(Buffer.from('two\n'));
    expect((await all).stdout).toContain('one two');
  });

  it('is created anew after its end: what it wrote and its log stay', async () => {
    const runtime = await host.runtime();
    const plan = {
      ...host.plan(
        'again',
        'cat /kept 2>/dev/null; echo $((1 + $(cat /kept 2>/dev/null || echo 0))) > /kept',
      ),
      writable: join(host.directory, 'writable'),
    };
    for (let round = 0; round < 3; round += 1) {
      await runtime.create(plan);
      await runtime.startContainer('again');
      await runtime.wait('again');
      await runtime.clean('again');
    }
    expect(host.log(runtime, 'again')).toBe('1\n2\n');
    await expect(
      runtime.create({ ...plan, spec: { ...plan.spec, command: ['/nothing'] } }),
    ).rejects.toThrow();
    expect(host.log(runtime, 'again')).toBe('1\n2\n');
    expect(runtime.get('again')).toMatchObject({ phase: 'exited', cleaned: true, exit: { code: 0 } });
    await runtime.remove('again');
    expect(host.traces()).toEqual([]);
  });
});
