// No request dropped by IPVS: a constant load from outside through every machine's published port and from inside a
// task through the VIP (connections kept, one a request, long downloads, connections at rest) while the service is
// scaled and updated and a node drained. As large as software emulation bears; test/cluster/no_drop.test.ts is the
// same by nftables, a hundred times larger. SKEIN_LAB_MACHINES=1, and nothing else on the machine: where others want
// the processors too, the load alone starves the managers, and says nothing of IPVS. With SKEIN_LONG_TESTS=1 as well,
// 100,000 requests in all (half an hour): a daemon restarted, the only manager lost and a node that leaves, too.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Background, quoted } from '../cluster/support/background.ts';
import { useCluster } from '../cluster/support/cluster.ts';
import { eventually } from '../cluster/support/eventually.ts';
import { addressOf, type Host, lab, logOf, namespaceOf, taskNamespaceOf } from '../cluster/support/lab.ts';
import { Load, type LoadOptions, type LoadReport, loadService } from '../cluster/support/load.ts';
import { SECOND, scaled, service } from '../cluster/support/services.ts';
import { readReport, widenPorts } from '../cluster/support/wrk.ts';
import { ipvsOf } from './support/kernel.ts';
import { Witness } from './support/witness.ts';

const isOn = process.env['SKEIN_LAB_MACHINES'] === '1';
const isLong = process.env['SKEIN_LONG_TESTS'] === '1';
const PORT = 8090;
const REPLICAS = 3;
/** The work is repeated until the load has lasted so long; SKEIN_LOAD_SECONDS says otherwise. */
const LEAST_LOAD_MS = Number(process.env['SKEIN_LOAD_SECONDS'] ?? (isLong ? '170' : '40')) * 1_000;
/** In all, of each case; on an idle machine it is 85 a second in the long form. */
const LEAST_ANSWERS = (LEAST_LOAD_MS / 1_000) * 25;
/** The load goes on for so long when the work is done. */
const AFTERWARDS_MS = 3_000;
/** Of each kind to each machine. */
const CONNECTIONS = isLong ? 2 : 1;
const PAUSE_MS = 100;
/** A machine in software may be silent for seconds; a packet that nobody answers is sent again after 1, 3, 7 s. */
const ANSWER_LIMIT_MS = 40_000;
/** Later than the answers that are only slow. */
const SUSPECT_MS = 12_000;
const REST_MS = 6_000;
const TEST_LIMIT_MS = 600_000;
/** An exec in a container is much work for an emulated processor. */
const HEALTH = { Interval: 3 * SECOND, Timeout: 30 * SECOND, Retries: 10 };
const GRACE_NS = 40 * SECOND;
const HOSTS: readonly Host[] = ['h1', 'h2', 'h3'];
const OVERRUN = 'stopped before every node';

type Target = Pick<LoadOptions, 'address' | 'port'>;

interface Running {
  readonly end: () => Promise<LoadReport>;
}

/** wrk, which costs an emulated processor the least: a load of its own, from inside a task. */
async function inside(
  host: Host,
  task: string,
  { address, port }: Target,
  keepAlive: boolean,
): Promise<Running> {
  const script = `/tmp/pace-${keepAlive}.lua`;
  const load = ['-t', '1', '-c', `${CONNECTIONS}`, '-d', '3600s', '--timeout', `${ANSWER_LIMIT_MS / 1_000}s`];
  const header = keepAlive ? [] : ['-H', 'Connection: close'];
  const wrk = ['wrk', ...load, '-s', script, ...header, `http://${address}:${port}/`].map(quoted).join(' ');
  const line = [
    `printf 'function delay() return ${PAUSE_MS} end' >${script}`,
    `nsenter --net=${taskNamespaceOf(host, task)} ${wrk} & pid=$!`,
    'trap "kill -INT $pid" TERM',
    'wait $pid; wait $pid',
  ].join('\n');
  const running = await Background.start(host, ['bash', '-c', line]);
  return { end: async () => readReport(`${address}:${port} from a task`, await running.end()) };
}

describe.runIf(isOn)('a constant load through IPVS', { timeout: TEST_LIMIT_MS }, () => {
  const cluster = useCluster({ managers: 1, workers: HOSTS.length - 1 });
  const paced = { connections: CONNECTIONS, pauseMs: PAUSE_MS, limitMs: ANSWER_LIMIT_MS };
  let vip = '';
  let witness: Witness | undefined;
  let total = 0;

  /** Everything at once. */
  async function begin(hosts: readonly Host[]): Promise<readonly Running[]> {
    const from = namespaceOf('client');
    await widenPorts(from);
    const outsider = (options: Omit<LoadOptions, 'from'>): Load =>
      new Load({ ...options, from, suspectMs: SUSPECT_MS }, witness?.ask);
    const ports: readonly Target[] = hosts.map((host) => ({ address: addressOf(host), port: PORT }));
    const outside = ports.flatMap((target) =>
      [true, false].map((keepAlive) => outsider({ ...target, ...paced, keepAlive })),
    );
    const [client] = await cluster.running('client');
    const host = client === undefined ? 'h1' : await cluster.hostOf(client);
    const within = [true, false].map((keepAlive) =>
      inside(host, client?.ID ?? '', { address: vip, port: 80 }, keepAlive),
    );
    const [first = { address: '', port: 0 }] = ports;
    const limitMs = ANSWER_LIMIT_MS;
    return [
      ...outside,
      ...(await Promise.all(within)),
      outsider({ ...first, keepAlive: false, path: '/slow', pauseMs: 500, limitMs }),
      outsider({ ...first, keepAlive: true, connections: 2, pauseMs: REST_MS, limitMs }),
    ];
  }

  /** Tasks that were stopped though not every node had said that it sends nothing more. */
  async function overruns(): Promise<number> {
    const logs = await Promise.all(HOSTS.map((host) => logOf(host)));
    return logs.flat().filter((line) => line.includes(OVERRUN)).length;
  }

  /** Does the work under load, again and again until it lasted long enough; no request of any client may fail. */
  async function noneFails(
    what: string,
    work: (turn: number) => Promise<void>,
    hosts: readonly Host[] = HOSTS,
  ): Promise<void> {
    const before = await overruns();
    const loads = await begin(hosts);
    const start = performance.now();
    let reports: readonly LoadReport[];
    let turn = 0;
    try {
      for (; turn === 0 || performance.now() - start < LEAST_LOAD_MS; turn += 1) {
        await work(turn);
      }
      await delay(AFTERWARDS_MS);
    } finally {
      reports = await Promise.all(loads.map((load) => load.end()));
    }
    const answered = reports.map((report) => report.answered);
    const sum = answered.reduce((all, count) => all + count, 0);
    total += sum;
    const failures = reports.flatMap((report) => report.failures);
    const seconds = (performance.now() - start) / 1_000;
    process.stderr.write(
      `measured: ${what}, by IPVS: ${sum} requests (${answered.join(', ')}), ${failures.length} failed, ${turn} times, ` +
        `${(sum / seconds).toFixed(0)} a second, ${(await overruns()) - before} stops before their time; ${total} in all\n`,
    );
    expect(failures).toEqual([]);
    expect(Math.min(...answered)).toBeGreaterThan(0);
    expect(sum).toBeGreaterThan(LEAST_ANSWERS);
  }

  async function update(order: 'stop-first' | 'start-first'): Promise<void> {
    await cluster.on('h1').updateService('web', (spec) => {
      const template = spec['TaskTemplate'] as { readonly ContainerSpec: Readonly<Record<string, unknown>> };
      const turn = `TURN=${order} ${Date.now()}`;
      return {
        ...spec,
        TaskTemplate: { ...template, ContainerSpec: { ...template.ContainerSpec, Env: [turn] } },
        UpdateConfig: { Parallelism: 1, Delay: 0, Monitor: SECOND, FailureAction: 'pause', Order: order },
      };
    });
    await eventually('the update completed', 60_000, async () => {
      const { UpdateStatus: status } = await cluster.on('h1').service('web');
      if (status?.State === 'paused') {
        throw new Error(status.Message);
      }
      return status?.State === 'completed';
    });
  }

  async function emptied(host: Host): Promise<void> {
    const node = await cluster.node(host);
    await eventually(`no task on ${host}`, 60_000, async () =>
      (await cluster.running('web')).every(({ NodeID }) => NodeID !== node?.ID),
    );
    await cluster.whole('web', REPLICAS, 60_000);
  }

  async function nodesReady(): Promise<void> {
    await eventually('every node ready', 60_000, async () =>
      (await cluster.on('h1').nodes()).every(({ Status }) => Status.State === 'ready'),
    );
  }

  beforeAll(async () => {
    await cluster.bePatient(true);
    witness = await Witness.start(HOSTS);
  });
  afterEach(() => witness?.said());
  afterAll(() => witness?.end());

  test('services that say when they are healthy, balanced by IPVS', async () => {
    await cluster.on('h1').createNetwork('shop');
    const parts = loadService({ replicas: REPLICAS, publish: PORT, networks: ['shop'] });
    const container = { ...parts.container, StopGracePeriod: GRACE_NS };
    const Healthcheck = { ...(container as { readonly Healthcheck?: object }).Healthcheck, ...HEALTH };
    await cluster
      .on('h1')
      .createService(service('web', { ...parts, container: { ...container, Healthcheck } }));
    const placement = { Constraints: ['node.hostname==h1'] };
    const client = { networks: ['shop'], shell: 'exec sleep 100000', placement };
    await cluster.on('h1').createService(service('client', client));
    await cluster.whole('web', REPLICAS, 60_000);
    await cluster.whole('client', 1, 30_000);
    vip = await cluster.vip('web', 'shop');
    const { Id } = (await cluster.on('h1').call('GET', '/networks/shop')) as { readonly Id: string };
    await eventually('IPVS has all replicas', 20_000, async () => {
      const { services } = await ipvsOf('h1', Id);
      return services.some(({ destinations }) => destinations.length === REPLICAS);
    });
  });

  test('nothing happens', async () => {
    await noneFails('at rest', () => delay(2_000));
  });

  test('scaled up and down', async () => {
    await noneFails('scaled', async () => {
      for (const replicas of [5, 2, REPLICAS]) {
        await cluster.on('h1').updateService('web', scaled(replicas));
        await cluster.whole('web', replicas, 60_000);
      }
    });
  });

  test.each(['start-first', 'stop-first'] as const)('rolling update, %s', async (order) => {
    await noneFails(`update ${order}`, () => update(order));
  });

  test('a node drained and made active again', async () => {
    await noneFails('drain', async () => {
      await update('start-first');
      await cluster.on('h1').updateNode('h3', { Availability: 'drain' });
      await emptied('h3');
      await cluster.on('h1').updateNode('h3', { Availability: 'active' });
    });
  });

  test.runIf(isLong).each([
    ["a worker's", 'h2'],
    ["the leader's", 'h1'],
  ] as const)('%s daemon killed and started', async (whose, host) => {
    await noneFails(`${whose} daemon killed`, async () => {
      await lab.stop(host, { hard: true });
      await lab.start(host);
      await nodesReady();
    });
  });

  test.runIf(isLong)('a node with replicas leaves', async () => {
    await noneFails(
      'leave',
      async (turn) => {
        if (turn === 0) {
          await update('start-first');
          await cluster.on('h3').call('POST', '/swarm/leave');
          await cluster.whole('web', REPLICAS, 60_000);
        } else {
          await delay(1_000);
        }
      },
      ['h1', 'h2'],
    );
  });
});
