// What a container of a service is given and held to: environment, user, mounts, limits, capabilities, health,
// stop and exit, each seen from inside or from the kernel's files.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import type { TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { labName } from './support/lab.ts';
import { MIB, SECOND, type ServiceParts, service } from './support/services.ts';
import { inside } from './support/traffic.ts';

const cluster = useCluster({ managers: 1 });
const BIND_SOURCE = `/tmp/${labName}-cluster-test-bind`;

afterAll(() => rm(BIND_SOURCE, { recursive: true, force: true }));

async function pidOf(name: string): Promise<number> {
  const [task] = await cluster.whole(name, 1);
  return task?.Status.ContainerStatus?.PID ?? 0;
}

/** Runs a service of one replica for the time of a check. */
async function withService(
  name: string,
  parts: ServiceParts,
  check: (pid: number) => Promise<void>,
): Promise<void> {
  await cluster.on('h1').createService(service(name, parts));
  try {
    await check(await pidOf(name));
  } finally {
    await cluster.remove(name);
  }
}

async function output(pid: number, line: string): Promise<string> {
  return (await inside(pid, line)).stdout.trim();
}

/** The status of a process inside, by a key of /proc/1/status. */
function statusOf(pid: number, key: string): Promise<string> {
  return output(pid, `grep '^${key}:' /proc/1/status | cut -f2-`);
}

/** Waits for a task that ended. */
function ended(name: string, state: string, timeoutMs = 20_000): Promise<TaskJson> {
  return eventually(`a ${state} task of ${name}`, timeoutMs, async () =>
    (await cluster.on('h1').tasks(name)).find((task) => task.Status.State === state),
  );
}

describe('what a container is given', () => {
  test('environment with templates, working directory, host name, user and groups, hosts', async () => {
    const container = {
      Env: ['COLOUR=blue', 'ME={{.Service.Name}}.{{.Task.Slot}}', 'NODE={{.Node.Hostname}}'],
      Dir: '/www',
      Hostname: 'box-{{.Task.Slot}}',
      User: '65534:65534',
      Command: ['/bin/httpd', '-f', '-p', '8000', '-h', '/www'],
      Hosts: ['10.1.2.3 far away'],
    };
    await withService('given', { container }, async (pid) => {
      const environment = await output(pid, "tr '\\0' '\\n' </proc/1/environ");
      expect(environment.split('\n')).toEqual(
        expect.arrayContaining(['COLOUR=blue', 'ME=given.1', 'NODE=h1', 'PATH=/bin']),
      );
      expect(await output(pid, 'readlink /proc/1/cwd')).toBe('/www');
      expect(await output(pid, 'hostname')).toBe('box-1');
      expect(await statusOf(pid, 'Uid')).toMatch(/^65534\s/);
      expect(await statusOf(pid, 'Gid')).toMatch(/^65534\s/);
      expect(await output(pid, 'cat /etc/hosts')).toMatch(/10\.1\.2\.3\s+.*far/);
    });
  });

  test('a read-only root with tmpfs, bind and volume mounts', async () => {
    await mkdir(BIND_SOURCE, { recursive: true });
    await writeFile(`${BIND_SOURCE}/note`, 'from the host');
    const container = {
      ReadOnly: true,
      Mounts: [
        { Type: 'tmpfs', Target: '/scratch', TmpfsOptions: { SizeBytes: MIB, Mode: 0o1777 } },
        { Type: 'bind', Source: BIND_SOURCE, Target: '/bound', ReadOnly: true },
        { Type: 'volume', Source: 'keep', Target: '/kept' },
      ],
    };
    await withService('mounts', { container }, async (pid) => {
      expect((await inside(pid, 'touch /nowhere')).stderr).toMatch(/Read-only file system/);
      expect((await inside(pid, 'echo x >/scratch/x && echo y >/kept/y')).code).toBe(0);
      expect((await inside(pid, 'dd if=/dev/zero of=/scratch/big bs=1024 count=2048')).stderr).toMatch(
        /No space left/,
      );
      expect(await output(pid, 'cat /bound/note')).toBe('from the host');
      expect((await inside(pid, 'touch /bound/x')).code).not.toBe(0);
    });
    await withService('mounts', { container }, async (pid) => {
      expect(await output(pid, 'cat /kept/y')).toBe('y');
      expect((await inside(pid, 'cat /scratch/x')).code).not.toBe(0);
    });
  });

  test('a bind source that is not there: the task is rejected with the path', async () => {
    const container = { Mounts: [{ Type: 'bind', Source: '/not/there', Target: '/x' }] };
    await cluster.on('h1').createService(service('unbound', { container, restart: { Condition: 'none' } }));
    expect((await ended('unbound', 'rejected')).Status.Err).toMatch(/\/not\/there/);
    await cluster.remove('unbound');
  });

  test('an init process reaps what is left behind', async () => {
    const container = { Init: true };
    await withService('reaper', { container, shell: 'while :; do sleep 1; done' }, async (pid) => {
      expect(await output(pid, 'cat /proc/1/comm')).not.toMatch(/^(sh|busybox)$/);
      // The outer shell ends at once; its child is an orphan, then a zombie unless it is reaped.
      await inside(pid, 'sh -c "sleep 0.2 &"');
      await eventually('no zombie', 5_000, async () => !(await output(pid, 'ps -o stat')).includes('Z'));
    });
  });
});

describe('what a container is held to', () => {
  test('capabilities, no-new-privileges, seccomp, masked paths', async () => {
    const container = {
      CapabilityDrop: ['CAP_NET_RAW', 'CAP_CHOWN'],
      CapabilityAdd: ['CAP_SYS_TIME'],
      Privileges: { NoNewPrivileges: true },
    };
    await withService('held', { container }, async (pid) => {
      const effective = BigInt(`0x${await statusOf(pid, 'CapEff')}`);
      const has = (bit: number) => (effective & (1n << BigInt(bit))) !== 0n;
      expect({ chown: has(0), kill: has(5), netRaw: has(13), sysAdmin: has(21), sysTime: has(25) }).toEqual({
        chown: false,
        kill: true,
        netRaw: false,
        sysAdmin: false,
        sysTime: true,
      });
      expect(await statusOf(pid, 'NoNewPrivs')).toBe('1');
      expect(await statusOf(pid, 'Seccomp')).toBe('2');
      expect((await inside(pid, 'echo x >/proc/sys/kernel/domainname')).stderr).toMatch(
        /Read-only file system/,
      );
    });
  });

  test('ulimits', async () => {
    const container = { Ulimits: [{ Name: 'nofile', Soft: 123, Hard: 456 }] };
    await withService('ulimits', { container }, async (pid) => {
      expect(await output(pid, "grep 'Max open files' /proc/1/limits | tr -s ' '")).toBe(
        'Max open files 123 456 files',
      );
    });
  });

  test('no more processes than its limit', async () => {
    const resources = { Limits: { Pids: 10 } };
    const shell = 'i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i+1)); done; wait';
    await cluster
      .on('h1')
      .createService(service('forks', { shell, resources, restart: { Condition: 'none' } }));
    // A shell that cannot fork ends with an error (busybox: 2).
    const task = await ended('forks', 'failed');
    expect(task.Status.ContainerStatus?.ExitCode).toBe(2);
    await cluster.remove('forks');
  });

  test('out of memory is reported as such', async () => {
    const resources = { Limits: { MemoryBytes: 16 * MIB } };
    const shell = 'a=x; while :; do a=$a$a; done';
    await cluster
      .on('h1')
      .createService(service('greedy', { shell, resources, restart: { Condition: 'none' } }));
    const task = await ended('greedy', 'failed');
    expect(task.Status.Err).toMatch(/out of memory|OOM/i);
    expect(task.Status.ContainerStatus?.ExitCode).toBe(137);
    await cluster.remove('greedy');
  });

  test('memory and processor limits stand in its cgroup', async () => {
    const resources = { Limits: { MemoryBytes: 64 * MIB, NanoCPUs: SECOND / 2 } };
    await withService('limits', { resources }, async (pid) => {
      const cgroup = (await output(pid, 'cat /proc/1/cgroup')).split('\n').length;
      expect(cgroup).toBeGreaterThan(0);
      const { readFile } = await import('node:fs/promises');
      const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n');
      const pathOf = (controller: string) =>
        lines.find((line) => line.split(':')[1]?.split(',').includes(controller))?.split(':')[2];
      const memory = pathOf('memory');
      const cpu = pathOf('cpu');
      if (memory !== undefined && cpu !== undefined) {
        expect((await readFile(`/sys/fs/cgroup/memory${memory}/memory.limit_in_bytes`, 'utf8')).trim()).toBe(
          String(64 * MIB),
        );
        expect((await readFile(`/sys/fs/cgroup/cpu${cpu}/cpu.cfs_quota_us`, 'utf8')).trim()).toBe('50000');
      } else {
        const unified = lines.find((line) => line.startsWith('0::'))?.slice(3) ?? '';
        expect((await readFile(`/sys/fs/cgroup${unified}/memory.max`, 'utf8')).trim()).toBe(String(64 * MIB));
        expect((await readFile(`/sys/fs/cgroup${unified}/cpu.max`, 'utf8')).trim()).toBe('50000 100000');
      }
    });
  });
});

describe('health, stop and exit', () => {
  test('a task serves only once healthy; unhealthy it is replaced', async () => {
    const container = {
      Healthcheck: {
        Test: ['CMD-SHELL', 'test -e /tmp/well'],
        StartPeriod: 20 * SECOND,
        Interval: SECOND / 4,
        Timeout: SECOND,
        Retries: 2,
      },
    };
    const shell = 'sleep 1; touch /tmp/well; exec httpd -f -p 80 -h /www';
    await cluster
      .on('h1')
      .createService(
        service('patient', { container, shell, restart: { Condition: 'any', Delay: SECOND / 5 } }),
      );
    const starting = await eventually('a task that starts', 10_000, async () =>
      (await cluster.on('h1').tasks('patient')).find((task) => task.Status.State === 'starting'),
    );
    const [healthy] = await cluster.whole('patient', 1);
    expect(healthy?.ID).toBe(starting.ID);
    await inside(healthy?.Status.ContainerStatus?.PID ?? 0, 'rm /tmp/well');
    const failed = await ended('patient', 'failed');
    expect(failed.ID).toBe(healthy?.ID);
    expect(failed.Status.Err).toMatch(/unhealthy/);
    await eventually('a replacement runs', 15_000, async () => {
      const [task] = await cluster.running('patient');
      return task !== undefined && task.ID !== healthy?.ID;
    });
    await cluster.remove('patient');
  });

  test('the stop signal comes first; who heeds it ends by itself', async () => {
    const container = { StopSignal: 'SIGUSR1', StopGracePeriod: 10 * SECOND };
    const shell = 'trap "exit 7" USR1; while :; do sleep 0.1; done';
    await cluster.on('h1').createService(service('polite', { container, shell }));
    await pidOf('polite');
    const start = performance.now();
    await cluster
      .on('h1')
      .updateService('polite', (spec) => ({ ...spec, Mode: { Replicated: { Replicas: 0 } } }));
    await eventually('no task runs', 10_000, async () => (await cluster.running('polite')).length === 0);
    await cluster.remove('polite');
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  test('who does not heed it is killed after the grace period', async () => {
    const container = { StopGracePeriod: 2 * SECOND };
    await cluster
      .on('h1')
      .createService(service('stubborn', { container, shell: 'trap "" TERM; while :; do sleep 0.1; done' }));
    const pid = await pidOf('stubborn');
    const start = performance.now();
    await cluster.on('h1').removeService('stubborn');
    await eventually('its process is gone', 10_000, async () => {
      const { access } = await import('node:fs/promises');
      return access(`/proc/${pid}`).then(
        () => false,
        () => true,
      );
    });
    const tookMs = performance.now() - start;
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(6_000);
  });

  test.each([
    ['exit 42', 'failed', 42],
    ['kill -KILL $$; sleep 1', 'failed', 137],
    ['exit 0', 'complete', 0],
  ] as const)('%s: %s with exit code %i', async (shell, state, code) => {
    const container = shell.startsWith('kill') ? { Init: true } : {};
    await cluster
      .on('h1')
      .createService(service('ender', { shell, container, restart: { Condition: 'none' } }));
    const task = await ended('ender', state);
    expect(task.Status.ContainerStatus?.ExitCode).toBe(code);
    await cluster.remove('ender');
  });

  test('a command that is not there: rejected, named', async () => {
    await cluster
      .on('h1')
      .createService(
        service('nocmd', { container: { Command: ['/bin/nothing'] }, restart: { Condition: 'none' } }),
      );
    const task = await eventually('the reason', 10_000, async () =>
      (await cluster.on('h1').tasks('nocmd')).find((candidate) => (candidate.Status.Err ?? '') !== ''),
    );
    expect(task.Status.Err).toMatch(/\/bin\/nothing/);
    await cluster.remove('nocmd');
  });
});
