// No request dropped: a constant load from outside through every host's published port and from inside a task
// through the VIP, with kept connections and with one a request, while the service is scaled and updated, a
// node drained, a daemon restarted and the leader lost. And the one case where some must fail: a host dies.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, type Host, lab, namespaceOf, runDirectoryOf } from './support/lab.ts';
import { Load, type LoadReport, loadService } from './support/load.ts';
import { measured } from './support/measures.ts';
import { SECOND, scaled, service } from './support/services.ts';

const PORT = 8090;
const REPLICAS = 3;
/** Fewer would mean that the clients hung. */
const LEAST_ANSWERS = 10;
/** The load goes on for so long when the work is done. */
const AFTERWARDS_MS = 1_500;
/** When a host dies without a word, new connections may fail for so long. */
const DEATH_LIMIT_MS = 4_000;
const ANSWER_LIMIT_MS = 3_000;
/** A machine that is shared hears late. */
const DEATH_MARGIN_MS = 3_000;

const cluster = useCluster({ managers: 3 });

/** Namespace of the client's task on a host. */
async function clientNamespace(host: Host, from: Host): Promise<string> {
  const node = await cluster.node(host, from);
  const task = (await cluster.running('client', from)).find(({ NodeID }) => NodeID === node?.ID);
  return join(runDirectoryOf(host), 'netns', task?.ID ?? '');
}

async function loads(askers: readonly Host[], vip: string): Promise<readonly Load[]> {
  const outside = cluster.hosts.map((host) => ({
    from: namespaceOf('client'),
    address: addressOf(host),
    port: PORT,
  }));
  const inside = await Promise.all(
    askers.map(async (host) => ({ from: await clientNamespace(host, 'h1'), address: vip, port: 80 })),
  );
  return [...outside, ...inside].flatMap((where) =>
    [true, false].map((keepAlive) => new Load({ ...where, keepAlive })),
  );
}

let vip = '';

/** Does the work under load and answers what every client counted. */
async function underLoad(
  work: () => Promise<void>,
  askers: readonly Host[] = cluster.hosts,
): Promise<readonly LoadReport[]> {
  const running = await loads(askers, vip);
  await new Promise((resolve) => setTimeout(resolve, 500));
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
  } catch (error) {
    await Promise.all(running.map((load) => load.end()));
    throw error;
  }
  return Promise.all(running.map((load) => load.end()));
}

function expectNoneFailed(what: string, reports: readonly LoadReport[]): void {
  const answered = reports.reduce((sum, report) => sum + report.answered, 0);
  process.stderr.write(`measured: ${what}: ${answered} requests\n`);
  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  for (const report of reports) {
    expect(report.answered).toBeGreaterThan(LEAST_ANSWERS);
  }
}

const updated = (order: 'stop-first' | 'start-first', turn: string) => (spec: Record<string, unknown>) => {
  const template = spec['TaskTemplate'] as { readonly ContainerSpec: Readonly<Record<string, unknown>> };
  return {
    ...spec,
    TaskTemplate: { ...template, ContainerSpec: { ...template.ContainerSpec, Env: [`TURN=${turn}`] } },
    UpdateConfig: { Parallelism: 1, Delay: 0, Monitor: SECOND, FailureAction: 'pause', Order: order },
  };
};

async function updateCompleted(): Promise<void> {
  await eventually('the update completed', 60_000, async () => {
    const { UpdateStatus: status } = await cluster.on('h1').service('web');
    if (status?.State === 'paused') {
      throw new Error(status.Message);
    }
    return status?.State === 'completed';
  });
}

describe('a constant load', () => {
  test('a service that says when it is healthy, and a client on every host', async () => {
    await cluster.on('h1').createNetwork('shop', { Attachable: true });
    await cluster
      .on('h1')
      .createService(service('web', loadService({ replicas: REPLICAS, publish: PORT, networks: ['shop'] })));
    await cluster
      .on('h1')
      .createService(service('client', { global: true, networks: ['shop'], shell: 'exec sleep 100000' }));
    await cluster.whole('web', REPLICAS, 30_000);
    await cluster.whole('client', 3);
    vip = await cluster.vip('web', 'shop');
    await new Promise((resolve) => setTimeout(resolve, 1000));
  });

  test('nothing happens', async () => {
    const reports = await underLoad(() => new Promise((resolve) => setTimeout(resolve, 2000)));
    expectNoneFailed('at rest', reports);
  });

  test('scaled up and down', async () => {
    const reports = await underLoad(async () => {
      for (const replicas of [6, 2, 4, REPLICAS]) {
        await cluster.on('h2').updateService('web', scaled(replicas));
        await cluster.whole('web', replicas, 30_000);
      }
    });
    expectNoneFailed('scaled', reports);
  });

  test.each(['start-first', 'stop-first'] as const)('rolling update, %s', async (order) => {
    const reports = await underLoad(async () => {
      await cluster.on('h1').updateService('web', updated(order, order));
      await updateCompleted();
    });
    expectNoneFailed(`update ${order}`, reports);
  });

  test('a node drained and made active again', async () => {
    const reports = await underLoad(async () => {
      await cluster.on('h1').updateNode('h3', { Availability: 'drain' });
      const node = await cluster.node('h3');
      await eventually('no task on h3', 30_000, async () =>
        (await cluster.running('web')).every(({ NodeID }) => NodeID !== node?.ID),
      );
      await cluster.whole('web', REPLICAS, 30_000);
      await cluster.on('h1').updateNode('h3', { Availability: 'active' });
    }, ['h1', 'h2']);
    expectNoneFailed('drain', reports);
    await cluster.whole('client', 3);
    await cluster.on('h1').updateService('web', updated('start-first', 'spread'));
    await updateCompleted();
  });

  test.each([
    ['asked to end', false],
    ['killed', true],
  ] as const)('a daemon %s and started', async (_how, hard) => {
    const reports = await underLoad(async () => {
      await lab.stop('h2', { hard });
      await lab.start('h2');
    });
    expectNoneFailed('daemon restarted', reports);
  });

  test("the leader's daemon killed and started", async () => {
    const reports = await underLoad(async () => {
      const leader = await cluster.leader('h1');
      await lab.stop(leader, { hard: true });
      await lab.start(leader);
      await eventually('a leader', 10_000, async () => (await cluster.leader(leader)) !== undefined);
    });
    expectNoneFailed('leader lost', reports);
  });

  test(`a host dies without a word: new connections fail for no longer than ${DEATH_LIMIT_MS} ms`, async () => {
    await eventually('every manager reachable', 20_000, async () =>
      (await cluster.on('h1').nodes()).every(
        ({ ManagerStatus }) => ManagerStatus?.Reachability === 'reachable',
      ),
    );
    const where = { from: namespaceOf('client'), address: addressOf('h1'), port: PORT };
    const victim = (await cluster.leader('h1')) === 'h3' ? 'h2' : 'h3';
    // One of the replicas at least is where it hurts.
    const node = await cluster.node(victim);
    await cluster.on('h1').updateService('web', scaled(2 * REPLICAS));
    await cluster.whole('web', 2 * REPLICAS, 30_000);
    const there = (await cluster.running('web')).filter(({ NodeID }) => NodeID === node?.ID);
    expect(there.length).toBeGreaterThan(0);
    const load = new Load({ ...where, keepAlive: false, connections: 6, limitMs: ANSWER_LIMIT_MS });
    const dead = Date.now();
    await lab.kill(victim);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const { answered, failures } = await load.end();
    // A client that got no answer noticed so long after it began.
    const last = Math.max(dead, ...failures.map((line) => Date.parse(line.split(' ')[0] ?? ''))) - dead;
    const lastBegun = failures.some((line) => line.includes('no answer within'))
      ? last - ANSWER_LIMIT_MS
      : last;
    measured(
      `host dead: the last connection that failed began (${failures.length} of ${answered} failed)`,
      lastBegun,
    );
    expect(lastBegun).toBeLessThan(DEATH_LIMIT_MS + DEATH_MARGIN_MS);
    expect(answered).toBeGreaterThan(LEAST_ANSWERS);
  });
});
