// What encrypted networks promise, as test cases for any swarm of three hosts whose kernels have ESP: what is on the
// wire and who is let in, keys that change under load, daemons and nodes that come and go. The cluster is the
// caller's, and so is the choice of the long cases; hosts are asked by commands in them alone.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Background, quoted } from './background.ts';
import type { Cluster } from './cluster.ts';
import type { TaskJson } from './engine.ts';
import { eventually } from './eventually.ts';
import { addressOf, type Host, isVirtual, lab, taskNamespaceOf } from './lab.ts';
import { service } from './services.ts';

/** Beside the data path's own port, 4789. */
export const ENCRYPTED_PORT = 4790;
const SECRET = 'marker-in-secret';
const PLAIN = 'marker-in-plain';
const PAGE = '/cgi-bin/index.cgi';
const ASK_SECONDS = isVirtual ? 20 : 5;
const ROTATIONS = 3;
/** Of every address under load, between two rotations. */
const LEAST_ANSWERS = 2;
const HOSTS: readonly Host[] = ['h1', 'h2', 'h3'];

interface PeerJson {
  readonly Address: string;
  readonly KeyEpoch: number;
  readonly Problem: string;
}

/** Output of a shell line on a host; what it answers when it fails, too. */
export async function inHost(host: Host | 'client', line: string): Promise<string> {
  return (await lab.exec(host, ['bash', '-c', line], { mayFail: true })).stdout;
}

function addressIn(task: TaskJson, network: string): string {
  const attachment = task.NetworksAttachments?.find((one) => one.Network.Spec.Name === network);
  return attachment?.Addresses[0]?.split('/')[0] ?? '';
}

function curl(task: TaskJson, host: Host, url: string): string {
  return `nsenter --net=${taskNamespaceOf(host, task.ID)} curl -fsS -m ${ASK_SECONDS} -o /dev/null http://${url}`;
}

/** One request from inside the task's network. */
async function ask(task: TaskJson, host: Host, address: string, path = PAGE): Promise<boolean> {
  return (await inHost(host, `${curl(task, host, address + path)} && echo answered`)).includes('answered');
}

/** Asks all addresses in turn, without a pause, until it is ended; a line `ok` or `failed` for each request. */
function askAllTheTime(task: TaskJson, host: Host, addresses: readonly string[]): Promise<Background> {
  const requests = addresses.map(
    (address) => `if ${curl(task, host, address + PAGE)}; then echo ok; else echo failed: ${address}; fi`,
  );
  const line = `trap ended=1 TERM; while [ -z "$ended" ]; do ${requests.join('; ')}; done`;
  return Background.start(host, ['bash', '-c', line], 'ok');
}

async function stat(host: Host, name: string): Promise<number> {
  const lines = (await inHost(host, 'cat /proc/net/xfrm_stat')).split('\n');
  return Number(lines.find((one) => one.startsWith(name))?.split(/\s+/)[1] ?? 0);
}

/** Makes networks `secret` and `open` and a service on both, and shows that only one can be read on the wire. */
export function wireCases(cluster: Cluster): void {
  test("a network with docker's option, encrypted between all nodes, as they say themselves", async () => {
    await cluster.on('h1').createNetwork('secret', { Options: { encrypted: '' } });
    await cluster.on('h1').createNetwork('open');
    const { Options } = (await cluster.on('h1').call('GET', '/networks/secret')) as {
      readonly Options: Readonly<Record<string, string>>;
    };
    expect(Options).toMatchObject({ encrypted: '' });
    await cluster.on('h1').createService(service('vault', { global: true, networks: ['secret', 'open'] }));
    await cluster.whole('vault', HOSTS.length, 60_000);
    await allReach(cluster);
  });

  test('ESP alone is on the wire, where the plain network shows all', async () => {
    const [from, to] = [await taskOn(cluster, 'h1'), await taskOn(cluster, 'h2')];
    const tcpdump = ['tcpdump', '--immediate-mode', '-lnAi', 'eth0', 'udp or proto 50'];
    const captures = await Promise.all(
      (['h1', 'h2'] as const).map((host) => Background.start(host, tcpdump, 'listening on')),
    );
    const vip = await cluster.vip('vault', 'secret');
    for (const address of [addressIn(to, 'secret'), vip, vip, vip]) {
      await ask(from, 'h1', address, `/${SECRET}`);
    }
    await ask(from, 'h1', addressIn(to, 'open'), `/${PLAIN}`);
    for (const capture of captures) {
      // Sent last: with it everything before has been seen.
      await eventually('the plain marker', 20_000, async () => (await capture.read()).includes(PLAIN));
      const seen = await capture.end();
      expect(seen).toContain('ESP(spi=');
      expect(seen).not.toContain(SECRET);
      expect(seen).not.toContain(`.${ENCRYPTED_PORT}:`);
    }
  });
}

/** What comes after `wireCases`: a minute and a half of namespaces, some minutes of machines in software. */
export function lifeCases(cluster: Cluster): void {
  beforeAll(() => cluster.bePatient(true));
  afterAll(() => cluster.bePatient(false));

  test('the command says it too, with exit code 0', async () => {
    const { stdout, code } = await lab.exec('h2', ['skein', 'network', 'check'], { mayFail: true });
    expect([stdout, code]).toEqual([expect.stringContaining('no difference'), 0]);
  });

  test('the key changes on request, three times, under load: no request fails', async () => {
    const from = await taskOn(cluster, 'h1');
    const others = [await taskOn(cluster, 'h2'), await taskOn(cluster, 'h3')];
    const addresses = [
      await cluster.vip('vault', 'secret'),
      ...others.map((task) => addressIn(task, 'secret')),
    ];
    const load = await askAllTheTime(from, 'h1', addresses);
    for (let round = 0; round < ROTATIONS; round += 1) {
      const before = await sendingWith('h1');
      await lab.exec('h1', ['skein', 'network', 'rotate-keys']);
      await eventually('another key to send with', 30_000, async () => {
        const now = await sendingWith('h1');
        return now.length === before.length && now.every((spi) => !before.includes(spi));
      });
    }
    const results = (await load.end()).trim().split('\n');
    process.stderr.write(`measured: ${ROTATIONS} rotations of keys: ${results.length} requests\n`);
    expect(results.filter((result) => result !== 'ok')).toEqual([]);
    expect(results.length).toBeGreaterThan(ROTATIONS * addresses.length * LEAST_ANSWERS);
    await allReach(cluster);
  });

  test('a packet in clear text is not taken, whoever knows the numbers', async () => {
    const before = await stat('h2', 'XfrmInTmplMismatch');
    const packet = String.raw`\x08\x00\x00\x00\x00\x10\x01\x00clear`;
    await inHost('client', `printf ${quoted(packet)} >/dev/udp/${addressOf('h2')}/${ENCRYPTED_PORT}`);
    await eventually(
      'it is counted as refused',
      5_000,
      async () => (await stat('h2', 'XfrmInTmplMismatch')) > before,
    );
  });

  test('a daemon restarts: requests go on', async () => {
    const from = await taskOn(cluster, 'h1');
    const to = addressIn(await taskOn(cluster, 'h2'), 'secret');
    const before = await inHost('h2', 'ip xfrm state | grep spi | sort');
    await lab.stop('h2');
    expect(await ask(from, 'h1', to)).toBe(true);
    await lab.start('h2');
    expect(await ask(from, 'h1', to)).toBe(true);
    await allReach(cluster);
    expect(await inHost('h2', 'ip xfrm state | grep spi | sort')).toBe(before);
  });

  test('a node is lost and comes back: it begins anew, the others go on', async () => {
    const from = await taskOn(cluster, 'h1');
    const to = addressIn(await taskOn(cluster, 'h2'), 'secret');
    await lab.kill('h3');
    expect(await ask(from, 'h1', to)).toBe(true);
    await lab.boot('h3');
    await cluster.whole('vault', HOSTS.length, 60_000);
    await allReach(cluster);
    expect(await ask(from, 'h1', to)).toBe(true);
  });

  test('nothing is left when the last task is gone', async () => {
    await cluster.remove('vault');
    for (const host of HOSTS) {
      await eventually(
        `no association on ${host}`,
        10_000,
        async () => (await inHost(host, 'ip xfrm state; ip xfrm policy')) === '',
      );
    }
  });
}

async function peersOf(cluster: Cluster, host: Host): Promise<readonly PeerJson[]> {
  const reports = (await cluster.on(host).call('POST', '/skein/network/check')) as readonly {
    readonly Peers?: readonly PeerJson[];
  }[];
  return reports.flatMap(({ Peers = [] }) => Peers);
}

/** Every node reaches every other one, encrypted, by their own test between each two. */
async function allReach(cluster: Cluster): Promise<void> {
  for (const host of HOSTS) {
    await eventually(`${host} reaches its peers encrypted`, 20_000, async () => {
      const peers = await peersOf(cluster, host);
      const problems = peers.filter(({ Problem }) => Problem !== '').map((peer) => JSON.stringify(peer));
      if (peers.length !== HOSTS.length - 1 || problems.length > 0) {
        throw new Error(`${peers.length} peers: ${problems.join()}`);
      }
      return true;
    });
  }
}

async function taskOn(cluster: Cluster, host: Host): Promise<TaskJson> {
  const node = await cluster.node(host);
  const task = (await cluster.running('vault')).find(({ NodeID }) => NodeID === node?.ID);
  if (task === undefined) {
    throw new Error(`no task of vault on ${host}`);
  }
  return task;
}

/** The associations that the host's policies send by. */
async function sendingWith(host: Host): Promise<readonly string[]> {
  return [...(await inHost(host, 'ip xfrm policy')).matchAll(/spi (0x\w+)/g)].map(([, spi]) => spi ?? '');
}
