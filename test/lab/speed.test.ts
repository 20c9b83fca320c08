// How fast IPVS is, as ratios of figures taken one right after the other between the same machines: the virtual IP
// beside the overlay itself, and the published port through another node beside the port of the replica's host. What
// an emulated processor carries says nothing by itself; what the balancer costs beside it does.
// SKEIN_LAB_MACHINES=1; docs/benchmarks.md has the figures.
import { describe, expect, test } from 'vitest';
import { Background } from '../cluster/support/background.ts';
import { useCluster } from '../cluster/support/cluster.ts';
import type { TaskJson } from '../cluster/support/engine.ts';
import { addressOf, type Host, lab, taskNamespaceOf } from '../cluster/support/lab.ts';
import { service } from '../cluster/support/services.ts';

const isLong = process.env['SKEIN_LAB_MACHINES'] === '1';
const ROUNDS = 5;
const SECONDS = 4;
const TEST_LIMIT_MS = 600_000;
const IPERF = 5201;
const HTTP = 8000;
const MESH = { iperf: 15_201, http: 18_000 } as const;
const DIRECT = { iperf: 25_201, http: 28_000 } as const;
const OWN = { iperf: IPERF, http: HTTP } as const;
const CONNECTIONS = 4;
/** Not the aim (95 and 90 of 100), which few seconds on two busy cores cannot judge: nothing is badly wrong. */
const LEAST_RATIO = 0.5;

const HTTP_SERVER = `require('node:http').createServer((_, response) => response.end('hello')).listen(${HTTP}, '0.0.0.0', () => console.log('ready'));`;

type Kind = keyof typeof OWN;

interface Wire {
  readonly from: Host | 'client';
  /** A task on that host, in whose network the client is. */
  readonly task?: string;
  readonly address: string;
  readonly ports: Readonly<Record<Kind, number>>;
}

const GAUGES = {
  iperf: async (wire: Wire): Promise<number> => {
    const { address, ports } = wire;
    const report = JSON.parse(
      await inside(wire, ['iperf3', '-c', address, '-p', String(ports.iperf), '-t', String(SECONDS), '-J']),
    ) as { readonly end: { readonly sum_received: { readonly bits_per_second: number } } };
    return report.end.sum_received.bits_per_second / 1e6;
  },
  http: async (wire: Wire): Promise<number> => {
    const load = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${SECONDS}s`, '--timeout', '20s'];
    const text = await inside(wire, ['wrk', ...load, `http://${wire.address}:${wire.ports.http}/`]);
    expect(text).not.toMatch(/Socket errors|Non-2xx/);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  },
} as const;
const UNITS = { iperf: 'Mbit/s', http: 'requests/s' } as const;

async function inside({ from, task }: Wire, command: readonly string[]): Promise<string> {
  const enter =
    from === 'client' || task === undefined ? [] : ['nsenter', `--net=${taskNamespaceOf(from, task)}`];
  return (await lab.exec(from, [...enter, ...command], { timeoutMs: 120_000 })).stdout;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe.runIf(isLong)('the cost of IPVS', { timeout: TEST_LIMIT_MS }, () => {
  const cluster = useCluster({ managers: 1, workers: 1 });
  const servers: Background[] = [];
  const wires = new Map<string, Wire>();

  async function placed(name: string, host: Host, ports: readonly unknown[] = []): Promise<TaskJson> {
    const placement = { Constraints: [`node.hostname==${host}`] };
    const parts = { networks: ['shop'], shell: 'exec sleep 100000', placement };
    await cluster.on('h1').createService(service(name, { ...parts, endpoint: { Ports: ports } }));
    const [task] = await cluster.whole(name, 1, 60_000);
    if (task === undefined) {
      throw new Error(`no task of ${name}`);
    }
    return task;
  }

  /** In turns, so that what else the machine does concerns both. */
  async function compare(kind: Kind, what: string, base: string): Promise<void> {
    const ratios: number[] = [];
    const figures: { readonly one: number[]; readonly other: number[] } = { one: [], other: [] };
    const [wire, baseWire] = [wires.get(what), wires.get(base)];
    if (wire === undefined || baseWire === undefined) {
      throw new Error(`no wire ${what} or ${base}`);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const other = await GAUGES[kind](baseWire);
      const one = await GAUGES[kind](wire);
      figures.one.push(one);
      figures.other.push(other);
      ratios.push(one / other);
    }
    const percents = ratios.map((ratio) => Math.round(100 * ratio)).join(', ');
    process.stderr.write(
      `measured: ${what}, of ${base}: ${median(figures.one).toFixed(0)} of ${median(figures.other).toFixed(0)} ${UNITS[kind]}, ` +
        `${Math.round(100 * median(ratios))} % (${percents})\n`,
    );
    expect(median(ratios)).toBeGreaterThan(LEAST_RATIO);
  }

  test('a server and clients', async () => {
    await cluster.on('h1').createNetwork('shop');
    const client = await placed('client', 'h1');
    const port = (TargetPort: number, PublishedPort: number, PublishMode: string) => ({
      ...{ Protocol: 'tcp', TargetPort, PublishedPort, PublishMode },
    });
    const server = await placed('server', 'h2', [
      ...[port(IPERF, MESH.iperf, 'ingress'), port(HTTP, MESH.http, 'ingress')],
      ...[port(IPERF, DIRECT.iperf, 'host'), port(HTTP, DIRECT.http, 'host')],
    ]);
    const enter = ['nsenter', `--net=${taskNamespaceOf('h2', server.ID)}`];
    servers.push(
      await Background.start('h2', [...enter, 'iperf3', '-s', '--forceflush'], 'listening'),
      await Background.start('h2', [...enter, 'node', '-e', HTTP_SERVER], 'ready'),
    );
    const attachment = server.NetworksAttachments?.find(({ Network }) => Network.Spec.Name === 'shop');
    const address = attachment?.Addresses[0]?.split('/')[0] ?? '';
    const within = { from: 'h1', task: client.ID, ports: OWN } as const;
    wires.set('overlay', { ...within, address });
    wires.set('virtual IP', { ...within, address: await cluster.vip('server', 'shop') });
    wires.set("host's port", { from: 'client', address: addressOf('h2'), ports: DIRECT });
    wires.set("mesh by the replica's node", { from: 'client', address: addressOf('h2'), ports: MESH });
    wires.set('mesh by another node', { from: 'client', address: addressOf('h1'), ports: MESH });
  });

  test.each([
    ['iperf', 'virtual IP', 'overlay'],
    ['http', 'virtual IP', 'overlay'],
    ['http', "mesh by the replica's node", "host's port"],
    ['http', 'mesh by another node', "host's port"],
  ] as const)('%s: %s beside %s', (kind, what, base) => compare(kind, what, base));
});
