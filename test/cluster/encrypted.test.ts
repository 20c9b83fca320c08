// Encrypted networks on real daemons: what is on the wire and who is let in, keys that change under load, daemons
// and nodes that come and go. Where the kernel cannot encrypt (then the rest is skipped, with a line that says why),
// that it is told and refused, never carried in clear text.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { homeNamespace } from '../../worker/kernel/namespace.ts';
import { missingForEncryption } from '../../worker/network/encryption/probe.ts';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import type { TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { addressOf, type Host, lab, labName, namespaceOf, runDirectoryOf } from './support/lab.ts';
import { service } from './support/services.ts';

/** Why this kernel cannot; undefined when it can. */
const missing = missingForEncryption(homeNamespace());
/** A minute and a half of real hosts: in the long run. */
const long = process.env['SKEIN_LONG_TESTS'] === '1';
const ENCRYPTED_PORT = 4790;
const SECRET = 'marker-in-secret';
const PLAIN = 'marker-in-plain';
const HOSTS = 3;

const cluster = useCluster({ managers: 1, workers: HOSTS - 1 });
const all: readonly Host[] = ['h1', 'h2', 'h3'];

interface PeerJson {
  readonly Address: string;
  readonly KeyEpoch: number;
  readonly Problem: string;
}

async function inHost(host: Host | 'client', command: string): Promise<string> {
  const { stdout } = await run('nsenter', [`--net=${namespaceOf(host)}`, 'sh', '-c', command], {
    mayFail: true,
  });
  return stdout;
}

async function peersOf(host: Host): Promise<readonly PeerJson[]> {
  const reports = (await cluster.on(host).call('POST', '/skein/network/check')) as readonly {
    readonly Peers?: readonly PeerJson[];
  }[];
  return reports.flatMap(({ Peers = [] }) => Peers);
}

/** Every node reaches every other one, encrypted. */
async function allReach(hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) {
    await eventually(`${host} reaches its peers encrypted`, 20_000, async () => {
      const peers = await peersOf(host);
      const problems = peers.filter(({ Problem }) => Problem !== '').map((peer) => JSON.stringify(peer));
      if (peers.length !== hosts.length - 1 || problems.length > 0) {
        throw new Error(`${peers.length} peers: ${problems.join()}`);
      }
      return true;
    });
  }
}

async function taskOn(name: string, host: Host): Promise<TaskJson> {
  const node = await cluster.node(host);
  const task = (await cluster.running(name)).find(({ NodeID }) => NodeID === node?.ID);
  if (task === undefined) {
    throw new Error(`no task of ${name} on ${host}`);
  }
  return task;
}

function addressIn(task: TaskJson, network: string): string {
  const attachment = task.NetworksAttachments?.find((one) => one.Network.Spec.Name === network);
  return attachment?.Addresses[0]?.split('/')[0] ?? '';
}

/** One request from inside the task's network. */
async function ask(
  task: TaskJson,
  host: Host,
  address: string,
  path = '/cgi-bin/index.cgi',
): Promise<boolean> {
  const namespace = join(runDirectoryOf(host), 'netns', task.ID);
  const curl = ['curl', '-fsS', '-m', '5', '-o', '/dev/null', `http://${address}${path}`];
  return (await run('nsenter', [`--net=${namespace}`, ...curl], { mayFail: true })).code === 0;
}

async function stat(host: Host, name: string): Promise<number> {
  const line = (await inHost(host, 'cat /proc/net/xfrm_stat'))
    .split('\n')
    .find((one) => one.startsWith(name));
  return Number(line?.split(/\s+/)[1] ?? 0);
}

describe.runIf(missing !== undefined)(`on a kernel without ESP (${missing})`, () => {
  test('info says so, and tasks on an encrypted network are refused with the reason', async () => {
    const { Warnings } = (await cluster.on('h1').call('GET', '/info')) as {
      readonly Warnings: readonly string[];
    };
    expect(Warnings.join()).toContain('networks with --opt encrypted will be refused here');
    await cluster.on('h1').createNetwork('secret', { Options: { encrypted: '' } });
    await cluster.on('h1').createService(service('vault', { replicas: 1, networks: ['secret'] }));
    const told = await eventually('a refused task', 20_000, async () => {
      const tasks = await cluster.on('h1').tasks('vault');
      return tasks.find(({ Status }) => Status.State === 'rejected')?.Status.Err;
    });
    expect(told).toContain('cannot take part in encrypted networks');
    await cluster.remove('vault');
    for (const host of all) {
      expect(await inHost(host, 'ip -d link show type vxlan')).not.toContain(`dstport ${ENCRYPTED_PORT}`);
    }
  });
});

describe.skipIf(missing !== undefined || !long)('an encrypted network of three hosts', () => {
  test("is made with docker's option, and its nodes reach each other", async () => {
    await cluster.on('h1').createNetwork('secret', { Options: { encrypted: '' } });
    await cluster.on('h1').createNetwork('open');
    const { Options } = (await cluster.on('h1').call('GET', '/networks/secret')) as {
      readonly Options: Readonly<Record<string, string>>;
    };
    expect(Options).toMatchObject({ encrypted: '' });
    await cluster.on('h1').createService(service('vault', { global: true, networks: ['secret', 'open'] }));
    await cluster.whole('vault', HOSTS, 60_000);
    await allReach(all);
  });

  test('ESP alone is on the wire, where the plain network shows all', async () => {
    const [from, to] = [await taskOn('vault', 'h1'), await taskOn('vault', 'h2')];
    const dump = run(
      'timeout',
      ['10', 'nsenter', `--net=/run/netns/${labName}-switch`, 'tcpdump', '-lnAi', 'any', 'udp or proto 50'],
      { mayFail: true, timeoutMs: 30_000 },
    );
    await eventually('both have been asked', 9_000, async () => {
      await ask(from, 'h1', addressIn(to, 'secret'), `/${SECRET}`);
      await ask(from, 'h1', addressIn(to, 'open'), `/${PLAIN}`);
      return true;
    });
    const seen = (await dump).stdout;
    expect(seen).toContain(PLAIN);
    expect(seen).toContain('ESP(spi=');
    expect(seen).not.toContain(SECRET);
    expect(seen).not.toContain(`.${ENCRYPTED_PORT}:`);
  });

  test('the key changes on request, twice, under load: no request fails', async () => {
    const vip = await cluster.vip('vault', 'secret');
    const from = await taskOn('vault', 'h1');
    const spis = async () =>
      [...(await inHost('h1', 'ip xfrm policy')).matchAll(/spi (0x\w+)/g)].map(([, spi]) => spi ?? '');
    const results: boolean[] = [];
    let ended = false;
    const load = (async () => {
      while (!ended) {
        results.push(await ask(from, 'h1', vip));
      }
    })();
    for (let round = 0; round < 2; round += 1) {
      const before = await spis();
      await cluster.on('h1').call('POST', '/skein/network/rotate-keys');
      await eventually('another key to send with', 30_000, async () => {
        const now = await spis();
        return now.length === before.length && now.every((spi) => !before.includes(spi));
      });
    }
    ended = true;
    await load;
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter((isAnswered) => !isAnswered)).toEqual([]);
    await allReach(all);
  });

  test('a packet in clear text is not taken, whoever knows the numbers', async () => {
    const before = await stat('h2', 'XfrmInTmplMismatch');
    await run('nsenter', [
      `--net=${namespaceOf('client')}`,
      'bash',
      '-c',
      String.raw`printf '\x08\x00\x00\x00\x00\x10\x01\x00clear' > /dev/udp/${addressOf('h2')}/${ENCRYPTED_PORT}`,
    ]);
    await eventually(
      'it is counted as refused',
      5_000,
      async () => (await stat('h2', 'XfrmInTmplMismatch')) > before,
    );
  });

  test('a daemon restarts: requests go on', async () => {
    const from = await taskOn('vault', 'h1');
    const to = addressIn(await taskOn('vault', 'h2'), 'secret');
    const before = await inHost('h2', 'ip xfrm state | grep spi | sort');
    await lab.stop('h2');
    expect(await ask(from, 'h1', to)).toBe(true);
    await lab.start('h2');
    expect(await ask(from, 'h1', to)).toBe(true);
    await allReach(all);
    expect(await inHost('h2', 'ip xfrm state | grep spi | sort')).toBe(before);
  });

  test('a node is lost and comes back: it begins anew, the others go on', async () => {
    const from = await taskOn('vault', 'h1');
    const to = addressIn(await taskOn('vault', 'h2'), 'secret');
    await lab.kill('h3');
    expect(await ask(from, 'h1', to)).toBe(true);
    await lab.boot('h3');
    await cluster.whole('vault', HOSTS, 60_000);
    await allReach(all);
    expect(await ask(from, 'h1', to)).toBe(true);
  });

  test('nothing is left when the last task is gone', async () => {
    await cluster.remove('vault');
    for (const host of all) {
      await eventually(
        `no association on ${host}`,
        10_000,
        async () => (await inHost(host, 'ip xfrm state; ip xfrm policy')) === '',
      );
    }
  });
});
