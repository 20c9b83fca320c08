// User overlay networks over several hosts: addresses and names as containers see them, the VIP, the way out,
// and how soon a new replica is reachable.
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { messageOf, type TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { type Host, lab, machineAddress, namespaceOf } from './support/lab.ts';
import { measured } from './support/measures.ts';
import { scaled, service } from './support/services.ts';
import { askInside, fetchText, inside } from './support/traffic.ts';

/** Aim 300 ms. */
const REACHABLE_LIMIT_MS = 1_000;

const cluster = useCluster({ managers: 3 });

function pidOf(task: TaskJson | undefined): number {
  return task?.Status.ContainerStatus?.PID ?? 0;
}

function addressIn(task: TaskJson, network: string): string {
  const attachment = task.NetworksAttachments?.find((candidate) => candidate.Network.Spec.Name === network);
  return attachment?.Addresses[0]?.split('/')[0] ?? '';
}

/** What the container's name server answers, sorted; busybox's own resolver asks. */
async function resolved(pid: number, name: string): Promise<string[]> {
  const { stdout } = await inside(pid, `nslookup -type=a ${name}`);
  const answers = stdout.split('\n').slice(2).join('\n');
  return [...answers.matchAll(/^Address(?: \d+)?:\s*(\d+\.\d+\.\d+\.\d+)/gm)]
    .map((match) => match[1] ?? '')
    .toSorted();
}

let clients: readonly TaskJson[] = [];

describe('a user network over three hosts', () => {
  test('two services in it; every container has an address of its subnet', async () => {
    await cluster.on('h1').createNetwork('shop', {
      IPAM: { Driver: 'default', Config: [{ Subnet: '172.30.5.0/24' }] },
    });
    await cluster
      .on('h1')
      .createService(
        service('web', { replicas: 3, networks: [{ Target: 'shop', Aliases: ['site', 'www'] }] }),
      );
    await cluster.on('h1').createService(service('client', { global: true, networks: ['shop'] }));
    const web = await cluster.whole('web', 3);
    clients = await cluster.whole('client', 3);
    for (const task of [...web, ...clients]) {
      expect(addressIn(task, 'shop')).toMatch(/^172\.30\.5\.\d+$/);
    }
  });

  test('from every host: the name is the VIP, tasks.<name> all addresses, aliases lead to the VIP', async () => {
    const vip = await cluster.vip('web', 'shop');
    expect(vip).toMatch(/^172\.30\.5\./);
    const addresses = (await cluster.running('web')).map((task) => addressIn(task, 'shop')).toSorted();
    for (const client of clients) {
      expect(await resolved(pidOf(client), 'web')).toEqual([vip]);
      expect(await resolved(pidOf(client), 'site')).toEqual([vip]);
      expect(await resolved(pidOf(client), 'www')).toEqual([vip]);
      expect(await resolved(pidOf(client), 'tasks.web')).toEqual(addresses);
    }
  });

  test('a name that nobody has is not found', async () => {
    expect(await resolved(pidOf(clients[0]), 'nobody')).toEqual([]);
  });

  test('from every host the VIP and every task address answer; the VIP spreads over all replicas', async () => {
    const vip = await cluster.vip('web', 'shop');
    const addresses = (await cluster.running('web')).map((task) => addressIn(task, 'shop'));
    for (const client of clients) {
      for (const address of addresses) {
        await askInside(pidOf(client), `http://${address}/cgi-bin/index.cgi`);
      }
      const replicas = new Set<string>();
      for (let turn = 0; turn < 6; turn += 1) {
        replicas.add(await askInside(pidOf(client), `http://${vip}/cgi-bin/index.cgi`));
      }
      expect(replicas.size).toBe(3);
    }
  });

  test('a replica sees the address of the container that called', async () => {
    const vip = await cluster.vip('web', 'shop');
    for (const client of clients) {
      expect(await askInside(pidOf(client), `http://${vip}/cgi-bin/index.cgi`)).toContain(
        `client=${addressIn(client, 'shop')}`,
      );
    }
  });

  test('a container reaches itself through its own VIP', async () => {
    const vip = await cluster.vip('web', 'shop');
    const [task] = await cluster.running('web');
    for (let turn = 0; turn < 6; turn += 1) {
      await askInside(pidOf(task), `http://${vip}/cgi-bin/index.cgi`);
    }
  });

  test('large answers come whole (the tunnel takes its share of each packet)', async () => {
    const [task] = await cluster.running('web');
    await inside(pidOf(task), 'dd if=/dev/urandom of=/www/large bs=1024 count=4096');
    const far = clients.find((client) => client.NodeID !== task?.NodeID);
    const { stdout } = await run('nsenter', [
      '-t',
      String(pidOf(far)),
      '-n',
      'sh',
      '-c',
      `curl -fsS -m 10 http://${task === undefined ? '' : addressIn(task, 'shop')}/large | wc -c`,
    ]);
    expect(Number(stdout)).toBe(4096 * 1024);
  });

  test('a new replica is reachable through the VIP from every host as soon as it runs', async () => {
    await cluster.on('h1').updateService('web', scaled(1));
    await cluster.whole('web', 1);
    const vip = await cluster.vip('web', 'shop');
    const before = await cluster.running('web');
    await cluster.on('h1').updateService('web', scaled(2));
    const fresh = await eventually('the second replica runs', 10_000, async () =>
      (await cluster.running('web')).find((task) => !before.some((old) => old.ID === task.ID)),
    );
    const start = performance.now();
    const hostname = fresh.ID.slice(0, 12);
    await Promise.all(
      clients.map((client) =>
        eventually('an answer by the new replica', REACHABLE_LIMIT_MS, async () =>
          (await askInside(pidOf(client), `http://${vip}/cgi-bin/index.cgi`)).includes(hostname),
        ),
      ),
    );
    measured('new replica running: reachable through the VIP from every host', performance.now() - start);
  });

  test('a replica that is gone gets no more connections', async () => {
    await cluster.on('h1').updateService('web', scaled(1));
    await cluster.whole('web', 1);
    const vip = await cluster.vip('web', 'shop');
    for (const client of clients) {
      for (let turn = 0; turn < 10; turn += 1) {
        await askInside(pidOf(client), `http://${vip}/cgi-bin/index.cgi`);
      }
    }
  });
});

describe('kinds of networks and endpoints', () => {
  test('dnsrr: no VIP, the name is all tasks', async () => {
    await cluster
      .on('h1')
      .createService(service('rr', { replicas: 3, networks: ['shop'], endpoint: { Mode: 'dnsrr' } }));
    const tasks = await cluster.whole('rr', 3);
    expect((await cluster.on('h1').service('rr')).Endpoint?.VirtualIPs ?? []).toEqual([]);
    const addresses = tasks.map((task) => addressIn(task, 'shop')).toSorted();
    expect(await resolved(pidOf(clients[0]), 'rr')).toEqual(addresses);
    await cluster.remove('rr');
  });

  test('a service in two networks speaks to both; they do not see each other', async () => {
    await cluster.on('h1').createNetwork('back');
    await cluster.on('h1').createService(service('both', { networks: ['shop', 'back'] }));
    await cluster.on('h1').createService(service('store', { networks: ['back'] }));
    const [both] = await cluster.whole('both', 1);
    const [store] = await cluster.whole('store', 1);
    const vip = await cluster.vip('store', 'back');
    expect(await resolved(pidOf(both), 'store')).toEqual([vip]);
    expect(await resolved(pidOf(both), 'client')).toEqual([await cluster.vip('client', 'shop')]);
    await askInside(pidOf(both), `http://${vip}/cgi-bin/index.cgi`);
    expect(await resolved(pidOf(store), 'client')).toEqual([]);
    await expect(askInside(pidOf(clients[0]), `http://${vip}/cgi-bin/index.cgi`)).rejects.toThrow();
    await cluster.remove('both', 'store');
    await cluster.on('h1').call('DELETE', '/networks/back');
  });

  test('outbound from a user network, none from an internal one', async () => {
    const server = `busybox httpd -f -p ${machineAddress}:8099 -h /tmp`;
    await cluster.on('h1').createNetwork('closed', { Internal: true });
    await cluster.on('h1').createService(service('inner', { replicas: 2, networks: ['closed'] }));
    const [one, two] = await cluster.whole('inner', 2);
    const listening = run('timeout', ['20', 'sh', '-c', server], { mayFail: true });
    const outward = `http://${machineAddress}:8099/`;
    // The directory has no index: an answer of 404 proves the way.
    const ask = (pid: number) =>
      run(
        'nsenter',
        ['-t', String(pid), '-n', 'curl', '-s', '-m', '2', '-o', '/dev/null', '-w', '%{http_code}', outward],
        { mayFail: true },
      );
    for (const client of clients) {
      await eventually('the way out', 5_000, async () => (await ask(pidOf(client))).stdout === '404');
    }
    expect((await ask(pidOf(one))).stdout).toBe('000');
    expect(
      (
        await run('nsenter', [
          '-t',
          String(pidOf(one)),
          '-n',
          'curl',
          '-fsS',
          '-m',
          '3',
          `http://${two === undefined ? '' : addressIn(two, 'closed')}/cgi-bin/index.cgi`,
        ])
      ).stdout,
    ).toContain('replica=');
    await cluster.remove('inner');
    await cluster.on('h1').call('DELETE', '/networks/closed');
    void listening;
  });

  test('a host-mode port answers on the hosts that have a replica, and only there', async () => {
    const endpoint = {
      Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8092, PublishMode: 'host' }],
    };
    await cluster.on('h1').createService(service('direct', { replicas: 2, endpoint }));
    const tasks = await cluster.whole('direct', 2);
    const hosts = await Promise.all(tasks.map((task) => cluster.hostOf(task)));
    expect(new Set(hosts).size).toBe(2);
    for (const host of cluster.hosts) {
      const answer = fetchText(host, 8092, '/cgi-bin/index.cgi');
      if (hosts.includes(host)) {
        expect(await answer).toContain(`client=${machineAddress}`);
      } else {
        await expect(answer).rejects.toThrow();
      }
    }
    await cluster.remove('direct');
  });

  test('a network in use cannot be removed; unused it can, and no host keeps anything of it', async () => {
    const network = (await cluster.on('h1').call('GET', '/networks/shop')) as { readonly Id: string };
    const refused = await cluster.on('h1').ask('DELETE', '/networks/shop');
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(refused)).toMatch(/in use/);
    await cluster.remove('web', 'client');
    await eventually(
      'it can be removed',
      10_000,
      async () => (await cluster.on('h1').ask('DELETE', '/networks/shop')).status === 204,
    );
    for (const host of cluster.hosts) {
      await eventually(`${host} has forgotten the network`, 10_000, () => forgotten(host, network.Id));
    }
  });

  test('subnets that overlap are refused', async () => {
    await cluster.on('h1').createNetwork('one', { IPAM: { Config: [{ Subnet: '172.31.0.0/16' }] } });
    const answer = await cluster.on('h1').ask('POST', '/networks/create', {
      Name: 'two',
      Driver: 'overlay',
      IPAM: { Config: [{ Subnet: '172.31.8.0/24' }] },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(answer)).toMatch(/overlap/i);
    await cluster.on('h1').call('DELETE', '/networks/one');
  });
});

async function forgotten(host: Host, networkId: string): Promise<boolean> {
  const { stdout } = await run('nsenter', [`--net=${namespaceOf(host)}`, 'ip', '-br', 'link']);
  const namespaces = (await lab.exec(host, ['sh', '-c', `ls $(dirname \${SKEIN_HOST#unix://})/netns`]))
    .stdout;
  const short = networkId.slice(0, 12);
  return !stdout.includes(short) && !namespaces.includes(short);
}
