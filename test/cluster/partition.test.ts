// A leader cut off from the others: its side refuses writes, the other side goes on, and healed they are one
// again. At the end, the lab's `down` leaves nothing behind.
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { type Host, lab, labName } from './support/lab.ts';
import { measured } from './support/measures.ts';
import { scaled, service } from './support/services.ts';

const cluster = useCluster({ managers: 3 });

/** Everything a manager says of nodes, services, networks and tasks that all must agree on. */
async function stateSeenBy(host: Host): Promise<string> {
  const engine = cluster.on(host);
  const parts = await Promise.all(
    [
      '/services',
      '/tasks',
      '/networks?filters=%7B%22scope%22%3A%5B%22swarm%22%5D%7D',
      '/secrets',
      '/configs',
    ].map((path) => engine.call('GET', path)),
  );
  const byId = parts.map((list) =>
    (list as readonly { readonly ID?: string; readonly Id?: string }[]).toSorted((a, b) =>
      (a.ID ?? a.Id ?? '').localeCompare(b.ID ?? b.Id ?? ''),
    ),
  );
  return JSON.stringify(byId);
}

describe('a partition', () => {
  let cutOff: Host = 'h1';
  let others: readonly Host[] = [];

  test('the leader is cut from the two others: they choose another and go on', async () => {
    await cluster.on('h1').createService(service('before', { replicas: 3 }));
    await cluster.whole('before', 3);
    cutOff = await cluster.leader();
    others = cluster.hosts.filter((host) => host !== cutOff);
    for (const host of others) {
      await lab.cut(cutOff, host);
    }
    const start = performance.now();
    const [witness = 'h2'] = others;
    await eventually('another leader', 8_000, async () => (await cluster.leader(witness)) !== cutOff);
    measured('leader cut off: another leads', performance.now() - start);
    await cluster.on(witness).createService(service('during', { replicas: 2 }));
    await cluster.whole('during', 2, 15_000, witness);
  });

  test('the cut-off side refuses writes, and says why', async () => {
    const answer = await cluster.on(cutOff).ask('POST', '/services/create', service('lost'));
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.text).toMatch(/leader|quorum|majority/i);
  });

  test('its containers run on meanwhile; the majority replaces what it no longer hears of', async () => {
    const [witness = 'h2'] = others;
    await eventually('three on the majority', 20_000, async () => {
      const tasks = await cluster.whole('before', 3, 1_000, witness);
      const hosts = await Promise.all(tasks.map((task) => cluster.hostOf(task, witness)));
      return !hosts.includes(cutOff);
    });
  });

  test('healed: one leader, the refused write never was, all three tell the same', async () => {
    await lab.heal();
    await eventually('all agree on one leader, everyone reachable', 20_000, async () => {
      const leaders = new Set(await Promise.all(cluster.hosts.map((host) => cluster.leader(host))));
      const nodes = await cluster.on(cutOff).nodes();
      return (
        leaders.size === 1 &&
        nodes.every(
          (node) => node.Status.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable',
        )
      );
    });
    await cluster.on(cutOff).updateService('during', scaled(3));
    await cluster.whole('during', 3);
    await cluster.whole('before', 3);
    await eventually('equal state on all three', 20_000, async () => {
      const states = new Set(await Promise.all(cluster.hosts.map(stateSeenBy)));
      return states.size === 1;
    });
    expect((await cluster.on('h1').ask('GET', '/services/lost')).status).toBe(404);
  });
});

describe("the lab's end", () => {
  test('down leaves no process, namespace, mount, cgroup, interface or file', async () => {
    await lab.down();
    const [processes, namespaces, links, mounts] = await Promise.all([
      run('ps', ['-eo', 'args']),
      run('ip', ['netns', 'list']),
      run('ip', ['-br', 'link']),
      readFile('/proc/self/mountinfo', 'utf8'),
    ]);
    const mine = (text: string) =>
      text.split('\n').filter((line) => line.includes(`${labName}-`) && line.includes('lab'));
    expect(
      mine(processes.stdout).filter((line) => line.includes('skeind') || line.includes('conmon')),
    ).toEqual([]);
    expect(namespaces.stdout.split('\n').filter((line) => line.startsWith(`${labName}-`))).toEqual([]);
    expect(links.stdout.split('\n').filter((line) => line.startsWith(`${labName}-`))).toEqual([]);
    expect(mine(mounts)).toEqual([]);
    for (const parent of [
      '/var/lib',
      '/run',
      '/run/netns',
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/pids',
    ]) {
      const names = await readdir(parent).catch(() => []);
      expect({ parent, left: names.filter((name) => name.startsWith(`${labName}-`)) }).toEqual({
        parent,
        left: [],
      });
    }
  });
});
