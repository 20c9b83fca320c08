// What users do with networks, by the command they type: a swarm with a data path and pools of its own, networks
// that are full, names asked for inside containers, the way out, port ranges, and what is refused.
import { createSocket } from 'node:dgram';
import { type DecodedPacket, decode, encode } from 'dns-packet';
import { beforeAll, describe, expect, test } from 'vitest';
import { useCluster, WEB_IMAGE } from './support/cluster.ts';
import { run } from './support/command.ts';
import type { TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { address6Of, addressOf, type Host, lab, machineAddress, runDirectoryOf } from './support/lab.ts';
import { fetchText, inside } from './support/traffic.ts';

const cluster = useCluster({ managers: 2, swarm: false });

/** Words apart by spaces, templates whole. Services need not wait for a busybox that ignores SIGTERM. */
function words(line: string): string[] {
  return Array.from(line.matchAll(/(?:\{\{.*?\}\}|\S)+/g), ([word]) => word).flatMap((word, index, all) =>
    word === 'create' && all[index - 1] === 'service' ? [word, '--stop-grace-period', '300ms'] : [word],
  );
}

/** `skein` on a host, with its answer; fails when it does. */
async function skein(host: Host, line: string): Promise<string> {
  return (await lab.exec(host, ['skein', ...words(line)])).stdout.trim();
}

/** What `skein` says when it refuses. */
async function refusal(line: string): Promise<string> {
  const { code, stderr } = await lab.exec('h1', ['skein', ...words(line)], { mayFail: true });
  expect(code).not.toBe(0);
  return stderr;
}

const pidOf = (task: TaskJson | undefined): number => task?.Status.ContainerStatus?.PID ?? 0;
const shell = async (task: TaskJson | undefined, line: string) => (await inside(pidOf(task), line)).stdout;

beforeAll(async () => {
  await skein(
    'h1',
    `swarm init --advertise-addr ${addressOf('h1')} --data-path-addr ${address6Of('h1')} --data-path-port 4790 ` +
      '--default-addr-pool 10.201.0.0/16 --default-addr-pool-mask-length 26',
  );
  const token = await skein('h1', 'swarm join-token -q worker');
  await skein(
    'h2',
    `swarm join --token ${token} --advertise-addr ${addressOf('h2')} --data-path-addr ${address6Of('h2')} ${addressOf('h1')}:2377`,
  );
  await eventually('both nodes are ready', 15_000, async () =>
    (await cluster.on('h1').nodes()).every((node) => node.Status.State === 'ready'),
  );
});

describe('a swarm with its own data path and pools', () => {
  test('networks are cut from the pool in turn, in the length asked for', async () => {
    await skein('h1', 'network create --driver overlay one');
    const subnets = await skein('h1', 'network inspect ingress one -f {{(index .IPAM.Config 0).Subnet}}');
    expect(subnets.split('\n')).toEqual(['10.201.0.0/26', '10.201.0.64/26']);
  });

  test('tunnels run between the addresses and on the port asked for, here by IPv6', async () => {
    await skein('h1', `service create -d --name a --mode global --network one ${WEB_IMAGE}`);
    const [here, there] = await cluster.whole('a', 2);
    const network = await skein('h1', 'network inspect one -f {{.Id}}');
    for (const host of cluster.hosts) {
      const namespace = `${runDirectoryOf(host)}/netns/net-${network.slice(0, 12)}`;
      const { stdout } = await run('nsenter', [`--net=${namespace}`, 'ip', '-d', 'link', 'show', 'vxlan0']);
      expect(stdout).toMatch(new RegExp(`local ${address6Of(host)} .*dstport 4790`));
    }
    const other = there?.NetworksAttachments?.[0]?.Addresses[0]?.split('/')[0] ?? '';
    expect(await shell(here, `wget -q -O - http://${other}/cgi-bin/index.cgi`)).toContain('client=10.201.0.');
    expect(await skein('h1', 'network check')).toBe('no difference');
  });
});

describe('addresses', () => {
  test('of a range, with a gateway of one’s own; the container sees both', async () => {
    await skein(
      'h1',
      'network create -d overlay --subnet 10.77.1.0/24 --gateway 10.77.1.254 --ip-range 10.77.1.128/29 ranged',
    );
    await skein('h1', `service create -d --name ranged --replicas 2 --network ranged ${WEB_IMAGE}`);
    const [task] = await cluster.whole('ranged', 2);
    expect(await shell(task, 'ip route')).toContain('default via 10.77.1.254');
    expect(await shell(task, 'ip -4 address')).toMatch(/inet 10\.77\.1\.1(?:2[89]|3[0-5])\/24/);
    await cluster.remove('ranged');
  });

  test('a full network: the tasks say so, inspect shows it, and they run when there is room', async () => {
    await skein('h1', 'network create -d overlay --subnet 10.77.2.0/29 small');
    await skein('h1', `service create -d --name small --replicas 6 --network small ${WEB_IMAGE}`);
    const waiting = await eventually('two tasks that say why they wait', 15_000, async () => {
      const tasks = (await cluster.on('h1').tasks('small')).filter(({ Status }) => Status.Err);
      return tasks.length === 2 ? tasks : undefined;
    });
    expect(waiting[0]?.Status.Err).toMatch(
      /no free address in network small \(10\.77\.2\.0\/29\): 5 of 5 in use/,
    );
    expect(await skein('h1', 'network inspect small -f {{json .Status}}')).toContain(
      '"10.77.2.0/29":{"IPsInUse":8,"DynamicIPsAvailable":0}',
    );
    await skein('h1', 'service scale -d small=4');
    await cluster.whole('small', 4);
    await cluster.remove('small');
  });

  test.each([
    ['--subnet 10.201.0.64/27 x', /overlaps with other one.*network one/],
    ['--subnet 10.78.0.0/30 x', /too small/],
    ['--subnet 10.78.0.0/24 --gateway 10.79.0.1 x', /no matching subnet for gateway/],
    ['--subnet 10.78.0.1/24 x', /should be 10\.78\.0\.0\/24/],
    ['--subnet 10.78.0.0/24 --ip-range 10.0.0.0/8 x', /range/],
    ['--subnet nonsense x', /invalid subnet/],
    ['--opt com.docker.network.driver.mtu=9 x', /invalid MTU '9'/],
    ['--ipv6 --opt com.docker.network.driver.mtu=1000 x', /1280 \(IPv6\)/],
    ['--ingress x', /ingress network \(ingress\) is already present/],
  ])('refused: network create -d overlay %s', async (line, message) => {
    expect(await refusal(`network create -d overlay ${line}`)).toMatch(message);
  });

  test('attachable is kept and shown; attaching a container by hand is not there, and says so', async () => {
    await skein('h1', 'network create -d overlay --attachable open');
    expect(await skein('h1', 'network inspect open -f {{.Attachable}}')).toBe('true');
    expect(await refusal('network connect open 0123456789ab')).toMatch(/not implemented/);
    await skein('h1', 'network rm open');
  });
});

const NXDOMAIN = 3;

/** A name server beside the cluster: knows example.org and nothing else, and can be silenced. */
class Outside {
  private readonly socket = createSocket('udp4');
  isSilent = false;

  start(): Promise<void> {
    this.socket.on('message', (data, from) => {
      const query: DecodedPacket = decode(data);
      const name = query.questions?.[0]?.name ?? '';
      const isKnown = name.endsWith('example.org');
      const answers = isKnown ? [{ type: 'A' as const, name, ttl: 60, data: '192.0.2.77' }] : [];
      if (!this.isSilent) {
        const { id = 0, questions = [] } = query;
        const answer = { type: 'response' as const, id, flags: isKnown ? 0 : NXDOMAIN, questions, answers };
        this.socket.send(encode(answer), from.port, from.address);
      }
    });
    return new Promise((resolve) => this.socket.bind(53, machineAddress, resolve));
  }

  close(): void {
    this.socket.close();
  }
}

describe('names inside a container', () => {
  const outside = new Outside();
  let asker: TaskJson | undefined;
  /** Busybox's nslookup tries nothing but the search domain on short names: those are asked without one. */
  const ask = async (question: string, from: TaskJson | undefined = asker) => {
    const began = performance.now();
    const { stdout, stderr } = await inside(pidOf(from), `nslookup ${question}`);
    return { text: stdout + stderr, ms: performance.now() - began };
  };

  beforeAll(async () => {
    await outside.start();
    await skein(
      'h1',
      `service create -d --name asker --network one --dns ${machineAddress} --dns-search corp.test --dns-option ndots:2 ${WEB_IMAGE}`,
    );
    await skein(
      'h1',
      `service create -d --name rr --replicas 3 --endpoint-mode dnsrr --network one ${WEB_IMAGE}`,
    );
    [asker] = await cluster.whole('asker', 1);
    await cluster.whole('rr', 3);
    return () => outside.close();
  });

  test('search domains and options are the service’s own; without any, ndots is 0', async () => {
    const own = await shell(asker, 'cat /etc/resolv.conf');
    expect(own).toContain('nameserver 127.0.0.11\n');
    expect(own).toMatch(/^search corp\.test$/m);
    expect(own).toMatch(/^options .*ndots:2/m);
    const [plain] = await cluster.running('a');
    expect(await shell(plain, 'cat /etc/resolv.conf')).toMatch(/^options .*ndots:0/m);
  });

  test('in any case; a name without IPv6 has no AAAA, at once', async () => {
    const vip = await cluster.vip('a', 'one');
    const [plain] = await cluster.running('a');
    expect((await ask('-type=a A', plain)).text).toContain(vip);
    expect((await ask('-type=a a.One', plain)).text).toContain(vip);
    const none = await ask('-type=aaaa a.one', plain);
    expect(none.ms).toBeLessThan(1_000);
    expect(none.text).not.toMatch(/NXDOMAIN|SERVFAIL|timed out/);
  });

  test('dnsrr turns: each task is first in its turn', async () => {
    const [plain] = await cluster.running('a');
    const first = new Set<string>();
    for (let turn = 0; turn < 6; turn += 1) {
      first.add(
        /Name:\s+rr\s+Address(?: \d+)?:\s*([\d.]+)/.exec((await ask('-type=a rr', plain)).text)?.[1] ?? '',
      );
    }
    expect(first.size).toBe(3);
  });

  test('addresses have names', async () => {
    const [task] = await cluster.running('rr');
    const address = task?.NetworksAttachments?.[0]?.Addresses[0]?.split('/')[0] ?? '';
    expect((await ask(address)).text).toContain(`${task?.ID}.one`);
  });

  test('unknown ones go to the servers of the service; silent ones cost no five seconds', async () => {
    expect((await ask('-type=a www.example.org')).text).toContain('192.0.2.77');
    outside.isSilent = true;
    const first = await ask('-type=a www.example.org');
    const second = await ask('-type=a www.example.org');
    expect(first.text + second.text).toMatch(/SERVFAIL/);
    expect(first.ms).toBeLessThan(5_000);
    // The resolver of busybox asks again with its search domain.
    expect(second.ms).toBeLessThan(2_500);
    outside.isSilent = false;
    expect((await ask('-type=a www.example.org')).text).toContain('192.0.2.77');
  });
});

describe('the way out', () => {
  test('by the first network that is not internal; by the ingress network for who is published', async () => {
    await skein('h1', 'network create -d overlay --internal shut');
    await skein('h1', `service create -d --name ways --network shut --network one ${WEB_IMAGE}`);
    await skein('h1', `service create -d --name seen --network one -p 8110:80 ${WEB_IMAGE}`);
    const [ways] = await cluster.whole('ways', 1);
    const [seen] = await cluster.whole('seen', 1);
    expect(await shell(ways, 'ip route')).toMatch(/default via 10\.201\.0\.65 /);
    expect(await shell(seen, 'ip route')).toMatch(/default via 10\.201\.0\.1 /);
    expect(await shell(seen, 'ip -6 route')).toMatch(/default via fd[0-9a-f:]+ /);
    await cluster.remove('ways', 'seen');
    await skein('h1', 'network rm shut');
  });
});

describe('published ports', () => {
  test('a range, each to its own; the short form on several protocols', async () => {
    await skein(
      'h1',
      `service create -d --name many -p 8120-8122:80-82 -p 8120:80/udp -p 8120:80/sctp ${WEB_IMAGE}`,
    );
    await cluster.whole('many', 1);
    const ports = (await cluster.on('h1').service('many')).Endpoint?.Ports ?? [];
    expect(
      ports.map((port) => `${port.PublishedPort}:${port.TargetPort}/${port.Protocol}`).toSorted(),
    ).toEqual(['8120:80/sctp', '8120:80/tcp', '8120:80/udp', '8121:81/tcp', '8122:82/tcp']);
    for (const host of cluster.hosts) {
      await eventually(`an answer of ${host}`, 5_000, () => fetchText(host, 8120, '/cgi-bin/index.cgi'));
      // This machine's kernel may have no SCTP sockets; address translation knows it all the same.
      const { stdout } = await lab.exec(host, ['nft', 'list', 'map', 'inet', 'skein', 'ports']);
      expect(stdout).toMatch(/(?:sctp|132) \. 8120 :/);
    }
    expect(await refusal(`service create --name other -p 8119-8120:80-81 ${WEB_IMAGE}`)).toMatch(/8120/);
    expect(await refusal(`service create --name other -p 8130-8132:80-81 ${WEB_IMAGE}`)).toMatch(/ranges/);
    await cluster.remove('many');
  });

  test('of the host, started first: the new one waits for another place, stop-first takes its own', async () => {
    await skein(
      'h1',
      `service create -d --name own --mode global --update-order start-first --update-parallelism 2 --update-monitor 500ms -p published=8140,target=80,mode=host ${WEB_IMAGE}`,
    );
    const before = await cluster.whole('own', 2);
    await skein('h1', 'service update -d --env-add TURN=1 own');
    await eventually('the new task says what it waits for', 15_000, async () =>
      (await cluster.on('h1').tasks('own')).some(({ Status }) =>
        /host-mode port already in use/.test(Status.Err ?? ''),
      ),
    );
    // As in Docker: nobody is stopped for it.
    expect((await cluster.running('own')).map(({ ID }) => ID).toSorted()).toEqual(
      before.map(({ ID }) => ID).toSorted(),
    );
    await fetchText('h1', 8140, '/cgi-bin/index.cgi');
    await skein('h1', 'service update -d --update-order stop-first --env-add TURN=2 own');
    await eventually('both are new', 30_000, async () => {
      const now = await cluster.running('own');
      return now.length === 2 && now.every(({ ID }) => !before.some((old) => old.ID === ID));
    });
    await fetchText('h1', 8140, '/cgi-bin/index.cgi');
    await cluster.remove('own');
  });
});
