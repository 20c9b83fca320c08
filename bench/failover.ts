// What the loss of the leader's host costs a lab of three managers: until the others name a new leader, and
// until all replicas run on them; and how soon a new replica answers at the virtual IP from every host after
// it was reported running. Build, then as root: node dist/bench/failover.js [--rounds N] [--samples N]
// [--format json]
import { parseArgs } from 'node:util';
import { IMAGE, say } from './contender.ts';
import { until } from './engine.ts';
import { median, quantile, seconds, table, worst } from './numbers.ts';
import { HOSTS, type Host, NETWORK, ThreeManagers } from './three_managers.ts';
import { Watch } from './watch.ts';

const REPLICAS = 5;
const POLL_MS = 25;
const LIMIT_MS = 90_000;
/** Between rounds: a new leader has settled, the returned host has its views. */
const SETTLE_MS = 3_000;

interface Round {
  readonly leaderMs: number;
  readonly wholeMs: number;
}

const cluster = new ThreeManagers();
const { lab } = cluster;

function service(name: string, replicas: number): unknown {
  return {
    Name: name,
    TaskTemplate: { ContainerSpec: { Image: IMAGE }, Networks: [{ Target: NETWORK }] },
    Mode: { Replicated: { Replicas: replicas } },
  };
}

async function create(name: string, replicas: number): Promise<string> {
  const { ID } = await cluster
    .engine('h1')
    .call<{ ID: string }>('POST', '/services/create', service(name, replicas));
  await until(LIMIT_MS, `${name} running`, async () => (await runningOf('h1', ID)).length >= replicas);
  return ID;
}

async function runningOf(host: Host, serviceId: string) {
  const tasks = await cluster
    .engine(host)
    .tasks(serviceId)
    .catch(() => []);
  return tasks.filter((task) => task.DesiredState === 'running' && task.Status.State === 'running');
}

async function scale(serviceId: string, name: string, replicas: number): Promise<void> {
  const engine = cluster.engine('h1');
  const { Version, Spec } = await engine.service(serviceId);
  const spec = { ...Spec, Name: name, Mode: { Replicated: { Replicas: replicas } } };
  await engine.call('POST', `/services/${serviceId}/update?version=${Version.Index}`, spec);
}

/** Kills the leader's host and watches from the others. */
async function failover(serviceId: string): Promise<Round> {
  const before = await cluster.nodes();
  const leader = before.find((node) => node.ManagerStatus?.Leader === true);
  const victim = HOSTS.find((host) => host === leader?.Description.Hostname);
  if (leader === undefined || victim === undefined) {
    throw new Error('nobody leads');
  }
  const others = HOSTS.filter((host) => host !== victim);
  const started = performance.now();
  const killing = lab.command('kill', victim);
  const [leaderMs, wholeMs] = await Promise.all([
    Promise.all(others.map((host) => newLeaderSeen(host, leader.ID, started))).then(worst),
    wholeAgain(others[0] ?? victim, serviceId, leader.ID, started),
  ]);
  await killing;
  await lab.command('boot', victim);
  await cluster.ready(others[0] ?? victim);
  await cluster.ready();
  await pause(SETTLE_MS);
  return { leaderMs, wholeMs };
}

async function newLeaderSeen(host: Host, former: string, started: number): Promise<number> {
  await until(
    LIMIT_MS,
    `a new leader in the eyes of ${host}`,
    async () =>
      (await cluster.nodes(host)).some((node) => node.ID !== former && node.ManagerStatus?.Leader === true),
    POLL_MS,
  );
  return performance.now() - started;
}

async function wholeAgain(host: Host, serviceId: string, dead: string, started: number): Promise<number> {
  await until(
    LIMIT_MS,
    `${REPLICAS} replicas on the other hosts`,
    async () => (await runningOf(host, serviceId)).filter((task) => task.NodeID !== dead).length >= REPLICAS,
    POLL_MS,
  );
  return performance.now() - started;
}

/** Milliseconds from the replica's RUNNING to its first answer at the virtual IP, one for each host and turn. */
async function reachability(samples: number): Promise<readonly number[]> {
  const clients = await create('bench-client', HOSTS.length);
  const target = await create('bench-target', 0);
  const { Endpoint } = await cluster.engine('h1').service(target);
  const address = Endpoint?.VirtualIPs?.[0]?.Addr.split('/')[0] ?? '';
  const nodes = await cluster.nodes();
  const watches = (await runningOf('h1', clients)).map((task) => {
    const host = nodes.find((node) => node.ID === task.NodeID)?.Description.Hostname ?? '';
    return new Watch(`/run/${lab.options.name}-lab/${host}/netns/${task.ID}`, address, 80);
  });
  await Promise.all(watches.map((watch) => watch.ready));
  const delays: number[] = [];
  for (let turn = 0; turn < samples; turn += 1) {
    await scale(target, 'bench-target', 1);
    await until(
      LIMIT_MS,
      'an answer everywhere',
      async () => watches.every((watch) => watch.up > 0),
      POLL_MS,
    );
    const [task] = await cluster
      .engine('h1')
      .call<readonly { readonly Status: { readonly Timestamp: string } }[]>(
        'GET',
        `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [target], 'desired-state': ['running'] }))}`,
      );
    const running = Date.parse(task?.Status.Timestamp ?? '');
    delays.push(...watches.map((watch) => watch.up - running));
    await scale(target, 'bench-target', 0);
    await until(
      LIMIT_MS,
      'silence everywhere',
      async () => watches.every((watch) => watch.up === 0),
      POLL_MS,
    );
  }
  return delays;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      samples: { type: 'string', default: '20' },
      format: { type: 'string', default: 'table' },
    },
  });
  const reach = await reachability(Number(values.samples));
  say(`reachable after RUNNING: ${reach.map((one) => one.toFixed(0)).join(' ')} ms`);
  const serviceId = await create('bench-web', REPLICAS);
  const rounds: Round[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const result = await failover(serviceId);
    rounds.push(result);
    say(`round ${round}: new leader ${seconds(result.leaderMs)}, whole ${seconds(result.wholeMs)}`);
  }
  report(rounds, reach, values.format === 'json');
}

function report(rounds: readonly Round[], reach: readonly number[], json: boolean): void {
  const leader = rounds.map((one) => one.leaderMs);
  const whole = rounds.map((one) => one.wholeMs);
  if (json) {
    process.stdout.write(`${JSON.stringify({ leaderMs: leader, wholeMs: whole, reachableMs: reach })}\n`);
    return;
  }
  const milliseconds = (value: number) => `${value.toFixed(0)} ms`;
  const rows = [
    ['', 'median', 'worst', 'samples'],
    [
      "leader's host lost, new leader seen by the others",
      seconds(median(leader)),
      seconds(worst(leader)),
      String(leader.length),
    ],
    [
      `leader's host lost, all ${REPLICAS} replicas on the others`,
      seconds(median(whole)),
      seconds(worst(whole)),
      String(whole.length),
    ],
    [
      'replica running, answers at the VIP from each host',
      milliseconds(median(reach)),
      milliseconds(worst(reach)),
      String(reach.length),
    ],
  ];
  const p99 = milliseconds(quantile(reach, 0.99));
  process.stdout.write(
    `${table(rows)}\n\n99 of 100 replicas answer within ${p99} of RUNNING (below 0: before the manager heard of it)\n`,
  );
}

cluster.run('failover', main);
