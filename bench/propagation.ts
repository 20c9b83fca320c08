// How soon every node follows a change: from a replica reported healthy to its first answer, and from a replica's
// death noticed to the last connection led to it, on each of three hosts, at the virtual IP from inside and at the
// published port from outside. Build, then as root: node dist/bench/propagation.js [--samples N] [--format json]
import { parseArgs } from 'node:util';
import { IMAGE } from './contender.ts';
import { type TaskJson, until } from './engine.ts';
import { median, quantile, table, worst } from './numbers.ts';
import { HOSTS, NETWORK, ThreeManagers } from './three_managers.ts';
import { Watch } from './watch.ts';

const PORT = 18_080;
const LIMIT_MS = 60_000;
/** Between turns: tables and views are at rest. */
const SETTLE_MS = 500;
/** After a death: whatever still goes wrong has gone wrong by then. */
const AFTER_DEATH_MS = 1_500;
const SECOND_NS = 1_000_000_000;

const cluster = new ThreeManagers();
const { lab } = cluster;

interface StampedTask extends TaskJson {
  readonly Status: TaskJson['Status'] & {
    readonly Timestamp: string;
    readonly ContainerStatus?: { readonly PID?: number };
  };
}

async function create(name: string, spec: Readonly<Record<string, unknown>>): Promise<string> {
  const { ID } = await cluster.engine().call<{ ID: string }>('POST', '/services/create', {
    Name: name,
    ...spec,
  });
  return ID;
}

const target = (replicas: number) => ({
  TaskTemplate: {
    ContainerSpec: {
      Image: IMAGE,
      StopGracePeriod: SECOND_NS / 5,
      Healthcheck: {
        Test: ['CMD', '/bin/busybox', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'],
        Interval: SECOND_NS / 4,
        Timeout: 5 * SECOND_NS,
        Retries: 5,
      },
    },
    Networks: [{ Target: NETWORK }],
    RestartPolicy: { Condition: 'any', Delay: 3 * SECOND_NS },
  },
  Mode: { Replicated: { Replicas: replicas } },
  EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: PORT, PublishMode: 'ingress' }] },
});

async function scale(serviceId: string, replicas: number): Promise<void> {
  const { Version } = await cluster.engine().service(serviceId);
  const spec = { Name: 'bench-target', ...target(replicas) };
  await cluster.engine().call('POST', `/services/${serviceId}/update?version=${Version.Index}`, spec);
}

async function running(serviceId: string): Promise<readonly StampedTask[]> {
  const tasks = (await cluster.engine().tasks(serviceId)) as readonly StampedTask[];
  return tasks.filter((task) => task.DesiredState === 'running' && task.Status.State === 'running');
}

/** At each host: the virtual IP from inside a task, and the published port from outside. */
async function watchAll(virtualIp: string): Promise<readonly Watch[]> {
  const clients = await create('bench-client', {
    TaskTemplate: { ContainerSpec: { Image: IMAGE }, Networks: [{ Target: NETWORK }] },
    Mode: { Global: {} },
  });
  await until(LIMIT_MS, 'clients', async () => (await running(clients)).length === HOSTS.length);
  const nodes = await cluster.engine().nodes();
  const inside = (await running(clients)).map((task) => {
    const host = nodes.find((node) => node.ID === task.NodeID)?.Description.Hostname ?? '';
    return new Watch(`/run/${lab.options.name}-lab/${host}/netns/${task.ID}`, virtualIp, 80);
  });
  const outside = HOSTS.map(
    (host) => new Watch(`/run/netns/${lab.options.name}-client`, lab.address(host), PORT),
  );
  await Promise.all([...inside, ...outside].map((watch) => watch.ready));
  return [...inside, ...outside];
}

/** Milliseconds from healthy to the first answer, of every watch. */
async function birth(serviceId: string, watches: readonly Watch[]): Promise<readonly number[]> {
  await scale(serviceId, 1);
  await until(LIMIT_MS, 'an answer everywhere', async () => watches.every((watch) => watch.up > 0));
  const [task] = await running(serviceId);
  const healthy = Date.parse(task?.Status.Timestamp ?? '');
  return watches.map((watch) => watch.up - healthy);
}

/** Milliseconds from a death noticed to the beginning of the last connection that failed, of every watch. */
async function death(serviceId: string, watches: readonly Watch[]): Promise<readonly number[]> {
  await scale(serviceId, 2);
  await until(LIMIT_MS, 'two replicas', async () => (await running(serviceId)).length === 2);
  await pause(SETTLE_MS);
  const [victim] = await running(serviceId);
  const inspected = await cluster.engine().call<StampedTask>('GET', `/tasks/${victim?.ID ?? ''}`);
  const pid = inspected.Status.ContainerStatus?.PID ?? 0;
  if (pid === 0) {
    throw new Error('the task to kill has no process');
  }
  process.kill(pid, 'SIGKILL');
  let noticed = 0;
  await until(LIMIT_MS, 'the death noticed', async () => {
    const { Status } = await cluster.engine().call<StampedTask>('GET', `/tasks/${victim?.ID ?? ''}`);
    noticed = Status.State === 'running' ? 0 : Date.parse(Status.Timestamp);
    return noticed > 0;
  });
  await pause(AFTER_DEATH_MS);
  return watches.map((watch) => Math.max(0, watch.failed - noticed));
}

async function silence(serviceId: string, watches: readonly Watch[]): Promise<void> {
  await scale(serviceId, 0);
  await until(LIMIT_MS, 'silence everywhere', async () => watches.every((watch) => watch.up === 0));
  await pause(SETTLE_MS);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function report(healthyMs: readonly number[], deadMs: readonly number[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ healthyMs, deadMs })}\n`);
    return;
  }
  const row = (what: string, values: readonly number[]) => [
    what,
    ...[median(values), quantile(values, 0.99), worst(values)].map((value) => `${value.toFixed(0)} ms`),
    String(values.length),
  ];
  const rows = [
    ['', 'median', 'p99', 'worst', 'samples'],
    row('replica healthy, first answer on every node', healthyMs),
    row('death noticed, last connection led to it', deadMs),
  ];
  process.stdout.write(`${table(rows)}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      samples: { type: 'string', default: '20' },
      format: { type: 'string', default: 'table' },
    },
  });
  const serviceId = await create('bench-target', target(0));
  const { Endpoint } = await cluster.engine().service(serviceId);
  const { Id } = await cluster.engine().call<{ Id: string }>('GET', `/networks/${NETWORK}`);
  const vip = Endpoint?.VirtualIPs?.find(({ NetworkID }) => NetworkID === Id)?.Addr.split('/')[0] ?? '';
  const watches = await watchAll(vip);
  const healthy: number[] = [];
  const dead: number[] = [];
  for (let sample = 1; sample <= Number(values.samples); sample += 1) {
    healthy.push(...(await birth(serviceId, watches)));
    dead.push(...(await death(serviceId, watches)));
    await silence(serviceId, watches);
  }
  report(healthy, dead, values.format === 'json');
}

cluster.run('propagation', main);
