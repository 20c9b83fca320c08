// Daemon and manager restarts under traffic: containers run on, not one request fails through the mesh or a
// VIP, and what ended while nobody looked is noticed.
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import type { TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { daemonPid, type Host, lab } from './support/lab.ts';
import { service } from './support/services.ts';
import { InsideTraffic, OutsideTraffic, type TrafficReport } from './support/traffic.ts';

const PORT = 8081;
/** Fewer answers than this in a restart would mean that the client hung, not that all went well. */
const LEAST_ANSWERS = 10;

const cluster = useCluster({ managers: 3 });

function identityOf(tasks: readonly TaskJson[]): string[] {
  return tasks.map((task) => `${task.ID} ${task.Status.ContainerStatus?.PID}`).toSorted();
}

function pidOf(task: TaskJson | undefined): number {
  return task?.Status.ContainerStatus?.PID ?? 0;
}

async function taskOn(host: Host, name: string, from: Host): Promise<TaskJson | undefined> {
  const node = await cluster.node(host, from);
  return (await cluster.running(name, from)).find((task) => task.NodeID === node?.ID);
}

/** Runs work while one client asks the mesh of every host and one, in a container of h1, a VIP. */
async function underTraffic(work: () => Promise<void>): Promise<void> {
  const client = await taskOn('h1', 'client', 'h3');
  const outside = new OutsideTraffic(cluster.hosts, PORT);
  const inside = new InsideTraffic(pidOf(client), `http://${await cluster.vip('web', 'shop', 'h3')}/`);
  let reports: readonly TrafficReport[] = [];
  try {
    await work();
  } finally {
    reports = await Promise.all([outside.end(), inside.end()]);
  }
  for (const report of reports) {
    expect(report.failures).toEqual([]);
    expect(report.answered).toBeGreaterThan(LEAST_ANSWERS);
  }
}

async function readyAgain(host: Host, from: Host): Promise<void> {
  await eventually(`${host} ready and reachable`, 20_000, async () => {
    const node = await cluster.node(host, from);
    return node?.Status.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable';
  });
}

describe('restarts under traffic', () => {
  test('a service behind mesh and VIP, and a client inside', async () => {
    await cluster.on('h1').createNetwork('shop', { Attachable: true });
    await cluster.on('h1').createService(service('web', { replicas: 3, publish: PORT, networks: ['shop'] }));
    await cluster.on('h1').createService(service('client', { global: true, networks: ['shop'] }));
    const tasks = await cluster.whole('web', 3);
    expect(new Set(tasks.map((task) => task.NodeID)).size).toBe(3);
    await cluster.whole('client', 3);
  });

  test.each([
    ['asked to end', false],
    ['killed', true],
  ] as const)(
    'daemon of a follower %s and started: same processes, no failed request',
    async (_how, hard) => {
      const before = identityOf(await cluster.whole('web', 3, 15_000, 'h3'));
      await underTraffic(async () => {
        await lab.stop('h2', { hard });
        await lab.start('h2');
        await readyAgain('h2', 'h3');
      });
      expect(identityOf(await cluster.whole('web', 3, 15_000, 'h3'))).toEqual(before);
      for (const task of await cluster.running('web', 'h3')) {
        await run('test', ['-d', `/proc/${pidOf(task)}`]);
      }
    },
  );

  test.each([
    ['asked to end', false],
    ['killed', true],
  ] as const)(
    "the leader's daemon %s and started: another may lead, no failed request",
    async (_how, hard) => {
      const leader = await cluster.leader('h3');
      const witness = cluster.hosts.find((host) => host !== leader) ?? 'h1';
      const before = identityOf(await cluster.whole('web', 3, 15_000, witness));
      await underTraffic(async () => {
        await lab.stop(leader, { hard });
        await lab.start(leader);
        await readyAgain(leader, witness);
      });
      expect(identityOf(await cluster.whole('web', 3, 15_000, witness))).toEqual(before);
    },
  );

  test('the manager process killed: the daemon starts it again, containers and traffic go on', async () => {
    const before = identityOf(await cluster.whole('web', 3, 15_000, 'h3'));
    const killed = await managerPid('h2');
    await underTraffic(async () => {
      process.kill(killed, 'SIGKILL');
      await eventually('another manager process', 10_000, async () => {
        const pid = await managerPid('h2');
        return pid !== killed && pid > 0;
      });
      await readyAgain('h2', 'h3');
      await eventually(
        'the manager on h2 answers',
        10_000,
        async () => (await cluster.on('h2').nodes()).length === 3,
      );
    });
    expect(identityOf(await cluster.whole('web', 3, 15_000, 'h2'))).toEqual(before);
  });

  test('a task that ended while its daemon was away is noticed and replaced', async () => {
    const task = await taskOn('h2', 'web', 'h3');
    expect(task).toBeDefined();
    await lab.stop('h2');
    process.kill(pidOf(task), 'SIGKILL');
    await lab.start('h2');
    await readyAgain('h2', 'h3');
    await eventually('a replacement in the same slot', 20_000, async () => {
      const running = await cluster.running('web', 'h3');
      return running.some((now) => now.Slot === task?.Slot && now.ID !== task?.ID);
    });
    const ended = (await cluster.on('h3').tasks('web')).find((now) => now.ID === task?.ID);
    expect(ended?.Status.State).toBe('failed');
    expect(ended?.Status.ContainerStatus?.ExitCode).toBe(137);
  });

  test('a service removed while a daemon was away: its tasks end when it is back', async () => {
    const task = await taskOn('h2', 'web', 'h3');
    await lab.stop('h2');
    await cluster.on('h3').removeService('web');
    await lab.start('h2');
    await eventually('the container of the removed service ends', 20_000, () =>
      run('test', ['!', '-d', `/proc/${pidOf(task)}`]).then(() => true),
    );
  });
});

/** The manager process is the daemon's child; 0 while there is none. */
async function managerPid(host: Host): Promise<number> {
  const daemon = String(await daemonPid(host));
  const { stdout } = await run('ps', ['-o', 'pid,args', '--ppid', daemon], { mayFail: true });
  const line = stdout.split('\n').find((candidate) => candidate.includes('manager/main'));
  return line === undefined ? 0 : Number.parseInt(line.trim(), 10);
}
