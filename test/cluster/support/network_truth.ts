// Whether the kernels of all hosts hold what the store says, and nothing else: addresses, routes, balanced
// endpoints, names and namespaces. Each finding is a line; an empty list is the truth.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { type ContainerJson, containersOf } from './containers.ts';
import { Engine, type ServiceJson, type TaskJson } from './engine.ts';
import { type Host, runDirectoryOf } from './lab.ts';

interface NetworkJson {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Ingress: boolean;
  readonly IPAM: { readonly Config?: readonly { readonly Subnet: string; readonly Gateway: string }[] };
}

interface CheckJson {
  readonly Name: string;
  readonly Differences: readonly string[];
}

interface World {
  readonly networks: readonly NetworkJson[];
  readonly services: readonly ServiceJson[];
  /** Those that have not ended. */
  readonly tasks: readonly TaskJson[];
  readonly hostOf: ReadonlyMap<string, Host>;
  /** What plain containers hold, as the store has it: tasks that no command shows. */
  readonly attachments: readonly TaskJson[];
  /** The plain containers that run, as their hosts have them. */
  readonly containers: readonly { readonly host: Host; readonly container: ContainerJson }[];
}

const ENDED = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);
const PREFIX_OF_24 = 3;

/** Everything that is not as it should be, as one manager's store has it. */
export async function findings(hosts: readonly Host[], from: Host): Promise<readonly string[]> {
  const world = await readWorld(hosts, from);
  const found = [...restless(world), ...sharedAddresses(world), ...misheld(hosts, world)];
  for (const host of hosts) {
    found.push(...(await differences(host)), ...(await strangers(host, world)));
    found.push(...(await wrongNames(host, world)));
  }
  return found;
}

async function readWorld(hosts: readonly Host[], from: Host): Promise<World> {
  const engine = new Engine(from);
  const runtime = encodeURIComponent(JSON.stringify({ runtime: ['attachment'] }));
  const [networks, services, tasks, nodes, attachments, containers] = await Promise.all([
    engine.call('GET', '/networks') as Promise<readonly NetworkJson[]>,
    engine.call('GET', '/services') as Promise<readonly ServiceJson[]>,
    engine.call('GET', '/tasks') as Promise<readonly TaskJson[]>,
    engine.nodes(),
    engine.call('GET', `/tasks?filters=${runtime}`) as Promise<readonly TaskJson[]>,
    Promise.all(
      hosts.map(async (host) => (await containersOf(host)).map((container) => ({ host, container }))),
    ),
  ]);
  return {
    networks: networks.filter(({ Driver }) => Driver === 'overlay'),
    services,
    tasks: tasks.filter((task) => !ENDED.has(task.Status.State)),
    attachments,
    containers: containers.flat(),
    hostOf: new Map(nodes.map((node) => [node.ID, node.Description.Hostname as Host])),
  };
}

/** The picture is judged when nothing is under way. */
function restless({ tasks }: World): string[] {
  return tasks
    .filter((task) => task.Status.State !== 'running' || task.DesiredState !== 'running')
    .map((task) => `task ${task.ID} is ${task.Status.State}, desired ${task.DesiredState}`);
}

function addressesOf(task: TaskJson, networkId: string): string[] {
  return (task.NetworksAttachments ?? [])
    .filter(({ Network }) => Network.ID === networkId)
    .flatMap(({ Addresses }) => Addresses.map(bare))
    .filter((address) => !address.includes(':'));
}

function vipsOf(service: ServiceJson, networkId: string): string[] {
  return (service.Endpoint?.VirtualIPs ?? [])
    .filter(({ NetworkID }) => NetworkID === networkId)
    .map(({ Addr }) => bare(Addr))
    .filter((address) => !address.includes(':'));
}

function bare(cidr: string): string {
  return cidr.split('/')[0] ?? '';
}

/** A container's address that its host and the store know alike. */
function misheld(hosts: readonly Host[], { networks, attachments, containers, hostOf }: World): string[] {
  return networks.flatMap(({ Id, Name }) =>
    hosts.flatMap((host) => {
      const has = containers.flatMap(({ host: at, container }) =>
        at === host ? (container.NetworkSettings.Networks[Name]?.IPAddress ?? []) : [],
      );
      const held = attachments.flatMap((task) =>
        hostOf.get(task.NodeID ?? '') === host && task.Status.State === 'running'
          ? addressesOf(task, Id)
          : [],
      );
      const [mine, stores] = [has.toSorted().join(' '), held.toSorted().join(' ')];
      return mine === stores ? [] : [`${host}: containers on ${Name} have ${mine}; the store has ${stores}`];
    }),
  );
}

function sharedAddresses({ networks, services, tasks, attachments }: World): string[] {
  return networks.flatMap(({ Id, Name }) => {
    const held = [
      ...[...tasks, ...attachments].flatMap((task) => addressesOf(task, Id)),
      ...services.flatMap((service) => vipsOf(service, Id)),
    ];
    return held
      .filter((address, index) => held.indexOf(address) !== index)
      .map((address) => `${Name}: ${address} is held twice`);
  });
}

/** What the node itself finds between plan and kernel. */
async function differences(host: Host): Promise<string[]> {
  const reports = (await new Engine(host).call('POST', '/skein/network/check')) as readonly CheckJson[];
  return reports.flatMap(({ Name, Differences }) => Differences.map((line) => `${host}: ${Name}: ${line}`));
}

/** Addresses of a network that its namespace on the host knows of but no living object holds, and stray namespaces. */
async function strangers(host: Host, world: World): Promise<string[]> {
  const { networks, services, tasks, hostOf, attachments, containers } = world;
  const directory = join(runDirectoryOf(host), 'netns');
  const names = await readdir(directory);
  const here = [
    ...tasks.filter((task) => hostOf.get(task.NodeID ?? '') === host),
    ...containers.flatMap(({ host: at, container }) => (at === host ? [{ ID: container.Id }] : [])),
  ];
  const found: string[] = [];
  for (const name of names.filter((one) => !one.startsWith('net-') && !here.some(({ ID }) => ID === one))) {
    found.push(`${host}: namespace of the dead task ${name}`);
  }
  for (const task of here.filter(({ ID }) => !names.includes(ID))) {
    found.push(`${host}: no namespace of task ${task.ID}`);
  }
  for (const name of names.filter((one) => one.startsWith('net-') && one !== 'net-local')) {
    const network = networks.find(({ Id }) => `net-${Id.slice(0, 12)}` === name);
    if (network === undefined) {
      found.push(`${host}: namespace ${name} of no network`);
      continue;
    }
    // IPv4 stands for both: the same code plans either.
    const { Subnet = '', Gateway = '' } =
      network.IPAM.Config?.find(({ Subnet: one }) => !one.includes(':')) ?? {};
    const living = [...tasks, ...attachments].flatMap((task) => addressesOf(task, network.Id));
    const allowed = new Set([
      ...living,
      ...services.flatMap((service) => vipsOf(service, network.Id)),
      bare(Gateway),
      bare(Subnet),
    ]);
    const seen = await addressesIn(join(directory, name), Subnet);
    found.push(
      ...[...seen].filter((one) => !allowed.has(one)).map((one) => `${host}: ${network.Name} knows ${one}`),
      ...living.filter((one) => !seen.has(one)).map((one) => `${host}: ${network.Name} lacks ${one}`),
    );
  }
  return found;
}

/** Of the subnet (a /24), in routes, neighbours and tables. */
async function addressesIn(namespace: string, subnet: string): Promise<ReadonlySet<string>> {
  const line = 'ip route show table all; ip neigh show nud permanent; nft list ruleset';
  const { stdout } = await run('nsenter', [`--net=${namespace}`, 'sh', '-c', line]);
  const prefix = bare(subnet).split('.').slice(0, PREFIX_OF_24).join('.');
  return new Set(
    stdout.match(/\b\d+\.\d+\.\d+\.\d+\b/g)?.filter((one) => one.startsWith(`${prefix}.`)) ?? [],
  );
}

/** One task of each network on the host asks for every service of that network, by both names with the network's. */
async function wrongNames(host: Host, world: World): Promise<string[]> {
  const { networks, services, tasks, hostOf, containers } = world;
  const found: string[] = [];
  for (const network of networks.filter(({ Ingress }) => !Ingress)) {
    const asker = tasks.find(
      (task) => hostOf.get(task.NodeID ?? '') === host && addressesOf(task, network.Id).length > 0,
    );
    const namespace = join(runDirectoryOf(host), 'netns', asker?.ID ?? '');
    for (const { container } of asker === undefined ? [] : containers) {
      const address = container.NetworkSettings.Networks[network.Name]?.IPAddress;
      const name = container.Name.replace('/', '');
      if (address !== undefined && !(await lookUp(namespace, `${name}.${network.Name}`)).includes(address)) {
        found.push(`${host}: ${name}.${network.Name} is not ${address}`);
      }
    }
    for (const service of asker === undefined ? [] : services) {
      const name = service.Spec.Name;
      const vips = vipsOf(service, network.Id);
      const mates = tasks.filter(({ ServiceID }) => ServiceID === service.ID);
      const expected = mates.flatMap((task) => addressesOf(task, network.Id));
      if (vips.length === 0 && expected.length === 0) {
        continue;
      }
      for (const [question, wanted] of [
        [`${name}.${network.Name}`, vips],
        [`tasks.${name}.${network.Name}`, expected],
      ] as const) {
        const answer = await lookUp(namespace, question);
        if (answer.join(' ') !== wanted.toSorted().join(' ')) {
          found.push(`${host}: ${question} is ${answer.join(' ')} and not ${wanted.toSorted().join(' ')}`);
        }
      }
    }
  }
  return found;
}

async function lookUp(namespace: string, name: string): Promise<string[]> {
  const command = ['busybox', 'nslookup', '-type=a', name, '127.0.0.11'];
  const { stdout } = await run('nsenter', [`--net=${namespace}`, ...command], { mayFail: true });
  const answers = stdout.split(/Name:/).slice(1).join('\n');
  return Array.from(answers.matchAll(/Address(?: \d+)?:\s*([\d.]+)/g), (match) => match[1] ?? '').toSorted();
}
