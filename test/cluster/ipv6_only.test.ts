// Hosts that have no IPv4 between them: a swarm made without a word of addresses, its tunnels, its mesh, and the loss
// of its leader. Told in order.
import { beforeAll, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { address6Of, type Host, lab, namespaceOf } from './support/lab.ts';
import { parseWeb, type WebAnswer } from './support/traffic.ts';

const PORT = 8086;

const cluster = useCluster({ managers: 3, swarm: false });

/** `skein` on a host, with its answer; fails when it does. */
async function skein(host: Host, ...words: readonly string[]): Promise<string> {
  return (await lab.exec(host, ['skein', ...words])).stdout.trim();
}

/** From the outside client, through a host's published port. */
async function ask(host: Host): Promise<WebAnswer> {
  const url = `http://[${address6Of(host)}]:${PORT}/cgi-bin/index.cgi`;
  const { stdout } = await run('nsenter', [`--net=${namespaceOf('client')}`, 'curl', '-gfsS', '-m3', url]);
  return parseWeb(stdout);
}

beforeAll(async () => {
  for (const host of cluster.hosts) {
    await lab.exec(host, ['ip', '-4', 'address', 'flush', 'dev', 'eth0']);
  }
});

test('a swarm is made and joined without a word of addresses', async () => {
  expect(await skein('h1', 'swarm', 'init')).toContain(` [${address6Of('h1')}]:2377`);
  const token = await skein('h1', 'swarm', 'join-token', '-q', 'manager');
  for (const host of ['h2', 'h3'] as const) {
    await skein(host, 'swarm', 'join', '--token', token, `[${address6Of('h1')}]:2377`);
  }
  await eventually('three managers can be reached', 15_000, async () => {
    const nodes = await cluster.on('h2').nodes();
    return nodes.filter((node) => node.ManagerStatus?.Reachability === 'reachable').length === 3;
  });
  const addresses = await skein(
    'h3',
    'node',
    'inspect',
    'h2',
    '-f',
    '{{.Status.Addr}} {{.ManagerStatus.Addr}}',
  );
  expect(addresses).toBe(`${address6Of('h2')} [${address6Of('h2')}]:2377`);
});

test('every host leads to every replica, which sees the client', async () => {
  const server = ['/bin/busybox', 'httpd', '-f', '-p', '[::]:80', '-h', '/www'];
  const slot = ['--env', 'TASK_SLOT={{.Task.Slot}}', '--stop-grace-period', '300ms'];
  await skein('h2', 'network', 'create', '--driver', 'overlay', 'inner');
  await skein(
    ...(['h2', 'service', 'create', '--detach', '--name', 'web', '--replicas', '3'] as const),
    ...['--network', 'inner', '--publish', `${PORT}:80`, ...slot, 'web:1', ...server],
  );
  await cluster.whole('web', 3);
  for (const host of cluster.hosts) {
    const replicas = new Set<string>();
    await eventually(`all three replicas through ${host}`, 10_000, async () => {
      const { replica, client } = await ask(host);
      expect(client).toContain(address6Of('client'));
      replicas.add(replica);
      return replicas.size === 3;
    });
  }
  for (const host of cluster.hosts) {
    expect(await skein(host, 'network', 'check')).toBe('no difference');
  }
});

test("the leader's host dies: another leads, and all run on the two others", async () => {
  const dead = await cluster.leader();
  const survivor = cluster.hosts.find((host) => host !== dead) ?? 'h1';
  const lost = (await cluster.node(dead))?.ID;
  await lab.kill(dead);
  await eventually('three replicas run on the two others', 20_000, async () => {
    const running = await cluster.running('web', survivor);
    return running.length === 3 && running.every(({ NodeID }) => NodeID !== lost);
  });
  expect(await cluster.leader(survivor)).not.toBe(dead);
  expect((await ask(survivor)).replica).toMatch(/^[123]$/);
});
