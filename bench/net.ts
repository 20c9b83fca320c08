// How fast the network is, all in one run on this machine, as ratios: plain VXLAN as the limit, skein's overlay
// from task to task, through the virtual IP and through the mesh, and dockerd's overlay beside it. Build, then as
// root: node dist/bench/net.js [--rounds N] [--seconds N] [--only skein] [--gauges roundtrip,throughput,requests,connections]
// [--format json]. Needs iperf3, wrk and sockperf.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { IMAGE, importWebImage, say, webArchive } from './contender.ts';
import { dockerdVersion } from './dockerd.ts';
import { DockerdPair } from './dockerd_pair.ts';
import { type Engine, type TaskJson, until } from './engine.ts';
import { addedLatency, connections, requests, roundTrip, throughput } from './gauges.ts';
import { Lab, labOptions } from './lab.ts';
import { Engine as EngineClient } from './engine.ts';
import { median, table } from './numbers.ts';
import { ECHO_PORT, HTTP_PORT, IPERF_PORT, OWN_PORTS, PlainVxlan, type Wire } from './wires.ts';

const NETWORK = 'skein-bench';
const READY_LIMIT_MS = 60_000;
/** Ports of the published service: through the mesh, and on the host of the replica alone. */
const MESH = { iperf: 15_201, http: 18_000, echo: 17_002 } as const;
const HOST = { iperf: 25_201, http: 28_000, echo: 27_002 } as const;
/** Views and tables are in place everywhere. */
const SETTLE_MS = 2_000;

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly only: string | undefined;
  readonly gauges: readonly string[];
  readonly json: boolean;
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      only: { type: 'string' },
      gauges: { type: 'string', default: 'roundtrip,throughput,requests,connections' },
      format: { type: 'string', default: 'table' },
    },
  });
  return {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    only: values.only,
    gauges: values.gauges.split(','),
    json: values.format === 'json',
  };
}

const KINDS = ['roundtrip', 'throughput', 'requests', 'connections'] as const;
type Kind = (typeof KINDS)[number];
const GAUGES = { roundtrip: roundTrip, throughput, requests, connections } as const;

interface Aim {
  readonly what: string;
  readonly kind: Kind;
  readonly wire: string;
  readonly base: string;
  /** Share of the base's figure; none where the issue names none. */
  readonly atLeast?: number;
}

const AIMS: readonly Aim[] = [
  { what: 'containers', kind: 'roundtrip', wire: 'containers', base: 'plain VXLAN' },
  { what: 'overlay', kind: 'roundtrip', wire: 'overlay', base: 'plain VXLAN' },
  { what: 'dockerd', kind: 'roundtrip', wire: 'dockerd overlay', base: 'plain VXLAN' },
  { what: 'virtual IP', kind: 'roundtrip', wire: 'virtual IP', base: 'overlay' },
  { what: "mesh, replica's node", kind: 'roundtrip', wire: 'mesh at home', base: "host's port" },
  { what: 'mesh', kind: 'roundtrip', wire: 'mesh', base: "host's port" },
  { what: 'mesh', kind: 'roundtrip', wire: 'mesh', base: 'forwarded' },
  { what: 'containers', kind: 'throughput', wire: 'containers', base: 'plain VXLAN' },
  { what: 'overlay', kind: 'throughput', wire: 'overlay', base: 'containers' },
  { what: 'overlay', kind: 'throughput', wire: 'overlay', base: 'plain VXLAN', atLeast: 0.95 },
  { what: 'dockerd', kind: 'throughput', wire: 'dockerd overlay', base: 'plain VXLAN' },
  { what: 'virtual IP', kind: 'throughput', wire: 'virtual IP', base: 'overlay', atLeast: 0.95 },
  { what: 'virtual IP', kind: 'requests', wire: 'virtual IP', base: 'overlay', atLeast: 0.95 },
  { what: 'virtual IP', kind: 'connections', wire: 'virtual IP', base: 'overlay' },
  { what: 'dockerd', kind: 'requests', wire: 'dockerd overlay', base: 'overlay' },
  { what: 'mesh', kind: 'throughput', wire: 'mesh', base: "host's port" },
  { what: 'mesh', kind: 'requests', wire: 'mesh', base: "host's port", atLeast: 0.9 },
  { what: 'mesh', kind: 'requests', wire: 'mesh', base: 'forwarded' },
  { what: 'mesh', kind: 'connections', wire: 'mesh', base: "host's port" },
  { what: "mesh, replica's node", kind: 'requests', wire: 'mesh at home', base: "host's port" },
];

const lab = new Lab(labOptions());
const plain = new PlainVxlan(lab.options.name);

async function raiseSkein(archive: Buffer): Promise<readonly Wire[]> {
  say('raising two skein hosts');
  await lab.raise(2);
  const engines = [new EngineClient(lab.socket('h1')), new EngineClient(lab.socket('h2'))] as const;
  await lab.initSwarm(engines[0], 'h1');
  await lab.joinManager(engines[0], 'h1', engines[1], 'h2');
  for (const engine of engines) {
    await importWebImage(engine, archive);
  }
  await engines[0].call('POST', '/networks/create', { Name: NETWORK, Driver: 'overlay' });
  const client = await placed(engines[0], 'bench-client', 'h1', []);
  const server = await placed(engines[0], 'bench-server', 'h2', [
    { Protocol: 'tcp', TargetPort: IPERF_PORT, PublishedPort: MESH.iperf, PublishMode: 'ingress' },
    { Protocol: 'tcp', TargetPort: HTTP_PORT, PublishedPort: MESH.http, PublishMode: 'ingress' },
    { Protocol: 'tcp', TargetPort: ECHO_PORT, PublishedPort: MESH.echo, PublishMode: 'ingress' },
    { Protocol: 'tcp', TargetPort: IPERF_PORT, PublishedPort: HOST.iperf, PublishMode: 'host' },
    { Protocol: 'tcp', TargetPort: HTTP_PORT, PublishedPort: HOST.http, PublishMode: 'host' },
    { Protocol: 'tcp', TargetPort: ECHO_PORT, PublishedPort: HOST.echo, PublishMode: 'host' },
  ]);
  for (const engine of engines) {
    engine.close();
  }
  const netns = (host: string, { task }: Placed) => `/run/${lab.options.name}-lab/${host}/netns/${task}`;
  const outside = `/run/netns/${lab.options.name}-client`;
  const ends = { client: netns('h1', client), server: netns('h2', server) };
  return [
    { name: 'overlay', ...ends, address: server.address, ports: OWN_PORTS },
    { name: 'virtual IP', ...ends, address: server.virtualIp, ports: OWN_PORTS },
    { name: "host's port", client: outside, server: ends.server, address: lab.address('h2'), ports: HOST },
    { name: 'mesh at home', client: outside, server: ends.server, address: lab.address('h2'), ports: MESH },
    { name: 'mesh', client: outside, server: ends.server, address: lab.address('h1'), ports: MESH },
  ];
}

interface Placed {
  readonly task: string;
  readonly address: string;
  readonly virtualIp: string;
}

interface AttachedTask extends TaskJson {
  readonly NetworksAttachments?: readonly {
    readonly Network: { readonly ID: string };
    readonly Addresses: readonly string[];
  }[];
}

async function placed(
  engine: Engine,
  name: string,
  host: string,
  ports: readonly unknown[],
): Promise<Placed> {
  const { Id } = await engine.call<{ Id: string }>('GET', `/networks/${NETWORK}`);
  const { ID } = await engine.call<{ ID: string }>('POST', '/services/create', {
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: IMAGE },
      Networks: [{ Target: NETWORK }],
      Placement: { Constraints: [`node.hostname==${host}`] },
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Ports: ports },
  });
  let task: AttachedTask | undefined;
  await until(READY_LIMIT_MS, `${name} running`, async () => {
    task = (await engine.tasks(ID)).find(({ Status }) => Status.State === 'running');
    return task !== undefined;
  });
  const { Endpoint } = await engine.service(ID);
  const bare = (cidr: string | undefined) => cidr?.split('/')[0] ?? '';
  return {
    task: task?.ID ?? '',
    address: bare(task?.NetworksAttachments?.find(({ Network }) => Network.ID === Id)?.Addresses[0]),
    virtualIp: bare(Endpoint?.VirtualIPs?.find(({ NetworkID }) => NetworkID === Id)?.Addr),
  };
}

type Figures = Map<string, number[]>;
const keyOf = (kind: Kind, wire: string): string => `${kind} ${wire}`;

/** Every figure of a wire that some aim asks for, wire by wire within each round. */
async function measure(wires: readonly Wire[], { rounds, seconds, gauges }: Settings): Promise<Figures> {
  const figures: Figures = new Map();
  for (let round = 1; round <= rounds; round += 1) {
    for (const kind of KINDS.filter((one) => gauges.includes(one))) {
      const wanted = new Set(
        AIMS.filter((aim) => aim.kind === kind).flatMap(({ wire, base }) => [wire, base]),
      );
      for (const wire of wires.filter(({ name }) => wanted.has(name))) {
        const value = await GAUGES[kind](wire, seconds);
        figures.set(keyOf(kind, wire.name), [...(figures.get(keyOf(kind, wire.name)) ?? []), value]);
        say(`round ${round}: ${kind} ${wire.name}: ${value.toFixed(2)}`);
      }
    }
  }
  return figures;
}

/** Of figures taken one after the other in the same round: what else the machine did concerned both. */
function pairedRatio(wire: readonly number[] = [], base: readonly number[] = []): number {
  return median(wire.map((value, round) => value / (base[round] ?? Number.NaN)));
}

function report(figures: Figures, added: readonly number[], json: boolean): void {
  const middle = (kind: Kind, wire: string) => median(figures.get(keyOf(kind, wire)) ?? []);
  const aims = AIMS.map((aim) => ({
    ...aim,
    value: middle(aim.kind, aim.wire),
    baseValue: middle(aim.kind, aim.base),
    ratio: pairedRatio(figures.get(keyOf(aim.kind, aim.wire)), figures.get(keyOf(aim.kind, aim.base))),
  })).filter(({ ratio }) => !Number.isNaN(ratio));
  if (json) {
    const result = { figures: Object.fromEntries(figures), aims, addedByVirtualIpUs: added };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const unit = {
    roundtrip: 'us',
    throughput: 'Gbit/s',
    requests: 'requests/s',
    connections: 'connections/s',
  } as const;
  const shown = (value: number, kind: Kind) =>
    value.toFixed(kind === 'throughput' || kind === 'roundtrip' ? 2 : 0);
  const rows = [
    ['', 'unit', 'this', 'base', 'in one round', 'aim'],
    ...aims.map(({ what, kind, value, base, baseValue, ratio, atLeast }) => [
      `${what} / ${base}`,
      unit[kind],
      shown(value, kind),
      shown(baseValue, kind),
      `${(100 * ratio).toFixed(0)} %`,
      atLeast === undefined ? '' : `${100 * atLeast} %`,
    ]),
    ['virtual IP, added to a request', 'us', median(added).toFixed(1), '', '', '15'],
  ];
  process.stdout.write(`${table(rows)}\n`);
}

async function main(): Promise<void> {
  const chosen = settings();
  const directory = await mkdtemp(`${tmpdir()}/skein-bench-`);
  const dockers =
    chosen.only === 'skein' || (await dockerdVersion()) === undefined
      ? undefined
      : new DockerdPair(lab.options.name);
  const clear = async (): Promise<void> => {
    await dockers?.clear();
    await plain.clear();
    await lab.command('down');
    await rm(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void clear().finally(() => process.exit(1)));
  }
  try {
    const archive = await webArchive(directory);
    const wires = [...(await plain.raise()), ...(await raiseSkein(archive))];
    if (dockers !== undefined) {
      wires.push(await dockers.raise(archive));
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const figures = await measure(wires, chosen);
    const [direct, virtual] = ['overlay', 'virtual IP'].map((name) =>
      wires.find((wire) => wire.name === name),
    );
    const added =
      direct === undefined || virtual === undefined
        ? []
        : await addedLatency(direct, virtual, chosen.rounds * chosen.seconds);
    report(figures, added, chosen.json);
  } finally {
    await clear();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(`net: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(1);
  },
);
