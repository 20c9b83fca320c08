// No request dropped: a constant load from outside through every host's published port and from inside tasks
// through the VIP (connections kept, one a request, long downloads, connections at rest) while the service is
// scaled and updated, a node drained, a daemon restarted, the leader lost and a node leaves. And the one case
// where some must fail: a host dies. SKEIN_LONG_TESTS=1: at least 100,000 requests each. SKEIN_REST_MINUTES=31:
// connections at rest say nothing for so long.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, type Host, lab, namespaceOf, runDirectoryOf } from './support/lab.ts';
import { Load, loadService } from './support/load.ts';
import { measured } from './support/measures.ts';
import { SECOND, scaled, service } from './support/services.ts';
import { Wrk, widenPorts } from './support/wrk.ts';

const isLong = process.env['SKEIN_LONG_TESTS'] === '1';
const PORT = 8090;
const RESTING_PORT = 8091;
const REPLICAS = 3;
/** In all, of each case. */
const LEAST_ANSWERS = isLong ? 100_000 : 2_000;
/** The work is repeated until the load has lasted so long. */
const LEAST_LOAD_MS = isLong ? 70_000 : 0;
const TEST_LIMIT_MS = isLong ? 400_000 : 120_000;
/** The load goes on for so long when the work is done. */
const AFTERWARDS_MS = isLong ? 1_500 : 700;
const CONNECTIONS = isLong ? 12 : 4;
const PAUSE_MS = isLong ? 15 : 40;
/** Rests shorter than the grace period of a stop, so that a replica that ends can say good-bye. */
const REST_MS = isLong ? 7_000 : 2_500;
/** When a host dies without a word, new connections may fail for so long. */
const DEATH_LIMIT_MS = 4_000;
const ANSWER_LIMIT_MS = 3_000;
/** A machine that is shared hears late. */
const DEATH_MARGIN_MS = 3_000;
/** Docker's IPVS forgets connections after 900 s; here they may rest for an hour at the least. */
const LEAST_REST_SECONDS = 3_600;
/** So long do connections rest in all that happens. */
const RESTED_MS = Number(process.env['SKEIN_REST_MINUTES'] ?? '1') * 60_000;

const cluster = useCluster({ managers: 3, workers: 1 });
/** The fourth leaves at the end. */
const STAYING: readonly Host[] = ['h1', 'h2', 'h3'];

/** Namespace of the client's task on a host. */
async function clientNamespace(host: Host, from: Host = 'h1'): Promise<string> {
  const node = await cluster.node(host, from);
  const task = (await cluster.running('client', from)).find(({ NodeID }) => NodeID === node?.ID);
  return join(runDirectoryOf(host), 'netns', task?.ID ?? '');
}

interface Target {
  readonly from: string;
  readonly address: string;
  readonly port: number;
}

function outside(hosts: readonly Host[], port = PORT): readonly Target[] {
  return hosts.map((host) => ({ from: namespaceOf('client'), address: addressOf(host), port }));
}

async function inside(hosts: readonly Host[]): Promise<readonly Target[]> {
  return Promise.all(
    hosts.map(async (host) => ({ from: await clientNamespace(host), address: vip, port: 80 })),
  );
}

let vip = '';

interface Counted {
  readonly answered: number;
  readonly failures: readonly string[];
}

/** Everything at once; `end` answers what every client counted. */
async function begin(hosts: readonly Host[]): Promise<{ readonly end: () => Promise<readonly Counted[]> }> {
  const targets = [...outside(hosts), ...(await inside(hosts))];
  await Promise.all(targets.map(({ from }) => widenPorts(from)));
  const paced = { connections: CONNECTIONS, pauseMs: PAUSE_MS };
  const loads = [
    ...(await Promise.all(
      targets.flatMap((target) =>
        [true, false].map((keepAlive) => Wrk.start({ ...target, keepAlive, ...paced })),
      ),
    )),
    ...[targets[0], targets.at(-1)].flatMap((target) =>
      target === undefined ? [] : [Load.downloads(target, 2), Load.resting(target, 4, REST_MS)],
    ),
  ];
  await delay(500);
  return { end: () => Promise.all(loads.map((load) => load.end())) };
}

/** Does the work under load, again and again until it lasted long enough; no request of any client may fail. */
async function noneFails(
  what: string,
  work: (turn: number) => Promise<void>,
  hosts: readonly Host[] = STAYING,
): Promise<void> {
  const load = await begin(hosts);
  const start = performance.now();
  let reports: readonly Counted[];
  try {
    for (let turn = 0; turn === 0 || performance.now() - start < LEAST_LOAD_MS; turn += 1) {
      await work(turn);
    }
    await delay(AFTERWARDS_MS);
  } finally {
    reports = await load.end();
  }
  const answered = reports.reduce((sum, report) => sum + report.answered, 0);
  process.stderr.write(`measured: ${what}: ${answered} requests\n`);
  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  expect(Math.min(...reports.map((report) => report.answered))).toBeGreaterThan(0);
  expect(answered).toBeGreaterThan(LEAST_ANSWERS);
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
  await eventually('the update completed', 90_000, async () => {
    const { UpdateStatus: status } = await cluster.on('h1').service('web');
    if (status?.State === 'paused') {
      throw new Error(status.Message);
    }
    return status?.State === 'completed';
  });
}

async function update(order: 'stop-first' | 'start-first', turn: string): Promise<void> {
  await cluster.on('h1').updateService('web', updated(order, turn));
  await updateCompleted();
}

/** The kernel's own patience with silent connections, in every namespace of a host. */
async function patience(host: Host): Promise<readonly number[]> {
  const directory = join(runDirectoryOf(host), 'netns');
  const paths = [namespaceOf(host), ...(await readdir(directory)).map((name) => join(directory, name))];
  return Promise.all(
    paths.map(async (path) => {
      const key = 'net.netfilter.nf_conntrack_tcp_timeout_established';
      const { stdout } = await run('nsenter', [`--net=${path}`, 'sysctl', '-n', key], { mayFail: true });
      // Without connection tracking in a task's own namespace there is nothing that could forget.
      return stdout.trim() === '' ? Number.POSITIVE_INFINITY : Number(stdout);
    }),
  );
}

// A request that failed once is a defect, whatever a second try says.
describe('a constant load', { timeout: TEST_LIMIT_MS, retry: 0 }, () => {
  let resting: readonly Load[] = [];
  let restingSince = 0;

  test('services that say when they are healthy, and a client on every host', async () => {
    await cluster.on('h1').createNetwork('shop', { Attachable: true });
    await cluster
      .on('h1')
      .createService(service('web', loadService({ replicas: REPLICAS, publish: PORT, networks: ['shop'] })));
    // Where nothing will happen to its replicas.
    const placement = { Constraints: ['node.hostname==h1'] };
    await cluster
      .on('h1')
      .createService(
        service('still', loadService({ replicas: 2, publish: RESTING_PORT, networks: ['shop'], placement })),
      );
    await cluster
      .on('h1')
      .createService(service('client', { global: true, networks: ['shop'], shell: 'exec sleep 100000' }));
    await cluster.whole('web', REPLICAS, 30_000);
    await cluster.whole('still', 2, 30_000);
    await cluster.whole('client', 4);
    vip = await cluster.vip('web', 'shop');
    await delay(1_000);
  });

  test('connections begin to rest, and no kernel forgets them', async () => {
    for (const host of cluster.hosts) {
      expect(Math.min(...(await patience(host)))).toBeGreaterThanOrEqual(LEAST_REST_SECONDS);
    }
    const forEver = 2 * RESTED_MS + TEST_LIMIT_MS;
    const still = await cluster.vip('still', 'shop');
    const targets = [
      ...outside(STAYING, RESTING_PORT),
      ...(await inside(['h1', 'h2'])).map((target) => ({ ...target, address: still })),
    ];
    resting = targets.map((target) => Load.resting(target, 3, forEver));
    restingSince = performance.now();
  });

  test.runIf(isLong)('nothing happens', async () => {
    await noneFails('at rest', () => delay(2_000));
  });

  test('scaled up and down', async () => {
    await noneFails('scaled', async () => {
      for (const replicas of [6, 2, 4, REPLICAS]) {
        await cluster.on('h2').updateService('web', scaled(replicas));
        await cluster.whole('web', replicas, 30_000);
      }
    });
  });

  test.each(['start-first', 'stop-first'] as const)('rolling update, %s', async (order) => {
    await noneFails(`update ${order}`, () => update(order, `${order} ${Date.now()}`));
  });

  test('a node drained and made active again', async () => {
    const node = await cluster.node('h3');
    await noneFails('drain', async () => {
      await cluster.on('h1').updateNode('h3', { Availability: 'drain' });
      await eventually('no task on h3', 30_000, async () =>
        (await cluster.running('web')).every(({ NodeID }) => NodeID !== node?.ID),
      );
      await cluster.whole('web', REPLICAS, 30_000);
      await cluster.on('h1').updateNode('h3', { Availability: 'active' });
      await cluster.whole('client', 4);
    }, ['h1', 'h2']);
    await update('start-first', 'spread');
  });

  test.each([['killed', true], ...(isLong ? ([['asked to end', false]] as const) : [])] as const)(
    'a daemon %s and started',
    async (how, hard) => {
      await noneFails(`daemon ${how}`, async () => {
        await lab.stop('h2', { hard });
        await lab.start('h2');
      });
    },
  );

  test("the leader's daemon killed and started", async () => {
    await noneFails('leader lost', async () => {
      const leader = await cluster.leader('h1');
      await lab.stop(leader, { hard: true });
      await lab.start(leader);
      await eventually('a leader', 10_000, async () => (await cluster.leader(leader)) !== undefined);
    });
  });

  test('connections that rested all the while still lead where they led', {
    timeout: TEST_LIMIT_MS + RESTED_MS,
  }, async () => {
    await delay(Math.max(0, restingSince + RESTED_MS - performance.now()));
    const rested = performance.now() - restingSince;
    const reports = await Promise.all(resting.map((load) => load.end()));
    measured('connections rested', rested);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    expect(reports.map(({ answered }) => answered)).toEqual(reports.map(() => 6));
  });

  test('a node with replicas leaves', async () => {
    await eventually('replicas on h4', 60_000, async () => {
      await update('start-first', `before leaving ${Date.now()}`);
      const node = await cluster.node('h4');
      return (await cluster.running('web')).some(({ NodeID }) => NodeID === node?.ID);
    });
    await noneFails('leave', async (turn) => {
      if (turn === 0) {
        await cluster.on('h4').call('POST', '/swarm/leave');
        await cluster.whole('web', REPLICAS, 30_000);
      } else {
        await delay(1_000);
      }
    });
  });

  test(`a host dies without a word: new connections fail for no longer than ${DEATH_LIMIT_MS} ms`, async () => {
    await eventually('every manager reachable', 20_000, async () =>
      (await cluster.on('h1').nodes()).every(
        ({ ManagerStatus }) => ManagerStatus === undefined || ManagerStatus.Reachability === 'reachable',
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
    await delay(1_000);
    const dead = Date.now();
    await lab.kill(victim);
    await delay(10_000);
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
    expect(answered).toBeGreaterThan(10);
  });
});
