// Plain containers (docker run) on an attachable network: with services and with each other, across hosts, through
// restarts of daemons and the loss of a leader; and what is left when they stop.
import { describe, expect, test } from 'vitest';
import { homeNamespace } from '../../worker/kernel/namespace.ts';
import { missingForEncryption } from '../../worker/network/encryption/probe.ts';
import { useCluster } from './support/cluster.ts';
import {
  type ContainerJson,
  lookAtContainer,
  removeContainer,
  runContainer,
  type Wish,
} from './support/containers.ts';
import { messageOf, type TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { type Host, lab } from './support/lab.ts';
import { service } from './support/services.ts';
import { inside } from './support/traffic.ts';

const WORKER = 'h4';
const canEncrypt = missingForEncryption(homeNamespace()) === undefined;
const cluster = useCluster({ managers: 3, workers: 1 });

const runOn = (host: Host, name: string, wish: Partial<Wish> = {}) =>
  runContainer(host, name, { network: 'att', ...wish });
const look = lookAtContainer;
const addressIn = (container: ContainerJson) => container.NetworkSettings.Networks['att']?.IPAddress ?? '';

/** What a container says to a line of shell. */
async function say(host: Host, name: string, line: string): Promise<string> {
  return (await inside((await look(host, name)).State.Pid, line)).stdout;
}

async function sayInTask(task: TaskJson | undefined, line: string): Promise<string> {
  return (await inside(task?.Status.ContainerStatus?.PID ?? 0, line)).stdout;
}

const RUNNING = (['h1', 'h2', 'h3', WORKER] as const).flatMap((host) =>
  ['db', 'other', 'late', 'heir'].map((name) => [host, name] as const),
);

const page = (name: string) => `wget -q -O - http://${name}/cgi-bin/index.cgi`;

describe('a container on an attachable network', () => {
  test('is reached by tasks and containers on all hosts, by its names, and reaches a service', async () => {
    const config = [{ Subnet: '10.66.0.0/24', Gateway: '10.66.0.1' }];
    await cluster.on('h1').createNetwork('att', { Attachable: true, IPAM: { Config: config } });
    await cluster.on('h1').createNetwork('closed');
    await cluster.on('h1').createService(service('web', { replicas: 3, networks: ['att'] }));
    const tasks = await cluster.whole('web', 3);
    expect(await runOn(WORKER, 'db', { aliases: ['store'], address: '10.66.0.77' })).toBe('runs');
    expect(await runOn('h1', 'other')).toBe('runs');
    const db = await look(WORKER, 'db');
    expect(addressIn(db)).toBe('10.66.0.77');
    for (const name of ['db', 'store', 'store.att', db.Id.slice(0, 12), '10.66.0.77']) {
      await eventually(`every task reaches ${name}`, 5_000, async () => {
        const answers = await Promise.all(tasks.map((task) => sayInTask(task, page(name))));
        return answers.every((answer) => answer.includes('replica='));
      });
    }
    expect(await sayInTask(tasks[0], 'ping -c 1 -W 3 db')).toContain('10.66.0.77');
    expect(await sayInTask(tasks[0], 'nslookup 10.66.0.77 127.0.0.11')).toContain('db.att');
    expect(await say('h1', 'other', page('db'))).toContain(`client=${addressIn(await look('h1', 'other'))}`);
    for (const [host, name] of [
      [WORKER, 'db'],
      ['h1', 'other'],
    ] as const) {
      expect(await say(host, name, page('web'))).toContain('client=10.66.0.');
      expect(await say(host, name, 'nslookup web 127.0.0.11')).toContain(await cluster.vip('web', 'att'));
    }
    expect((await lab.exec('h1', ['skein', 'network', 'check'])).stdout).toContain('no difference');
  });

  test('is shown where it is, and keeps its network; what cannot be is refused', async () => {
    const inspected = (await cluster.on('h1').call('GET', '/networks/att')) as {
      readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
    };
    const other = await look('h1', 'other');
    expect(inspected.Containers[other.Id]).toMatchObject({
      Name: 'other',
      IPv4Address: `${addressIn(other)}/24`,
    });
    const tasks = (await cluster.on('h1').call('GET', '/tasks')) as readonly TaskJson[];
    expect(tasks.every(({ ServiceID }) => ServiceID !== '')).toBe(true);
    expect(await runOn('h2', 'late', { address: '10.66.0.77' })).toMatch(
      /Address already in use: 10\.66\.0\.77/,
    );
    expect(await runOn('h2', 'late', { address: '10.67.0.7' })).toContain(
      'is not in a subnet of network att',
    );
    expect(await runOn(WORKER, 'late', { network: 'closed' })).toContain(
      'network closed not manually attachable',
    );
    expect(await runOn(WORKER, 'late', { network: 'nowhere' })).toContain('network nowhere not found');
    await cluster.on('h1').removeService('web');
    await eventually('the tasks are gone', 20_000, async () => {
      const left = (await cluster.on('h1').call('GET', '/tasks')) as readonly TaskJson[];
      return left.length === 0;
    });
    const refusal = await cluster.on('h1').ask('DELETE', '/networks/att');
    expect(messageOf(refusal)).toMatch(
      /network att is in use by task \S+ container (db on node h4|other on node h1)/,
    );
  });

  test('on one that has both families answers by both; encrypted, where the kernel can', async () => {
    const options = { Attachable: true, EnableIPv6: true, ...(canEncrypt && { Options: { encrypted: '' } }) };
    await cluster.on('h1').createNetwork('both', options);
    expect(await runOn('h2', 'late', { network: 'both' })).toBe('runs');
    expect(await runOn(WORKER, 'heir', { network: 'both' })).toBe('runs');
    const { IPAddress: four = '', GlobalIPv6Address: six = '' } =
      (await look(WORKER, 'heir')).NetworkSettings.Networks['both'] ?? {};
    expect([four, six]).toEqual([expect.stringContaining('.'), expect.stringContaining(':')]);
    // The web server of the image listens by IPv4 alone.
    await eventually('it answers by both', 10_000, async () => {
      const answers = [
        await say('h2', 'late', page(four)),
        await say('h2', 'late', `ping -6 -c 1 -W 1 ${six}`),
        await say('h2', 'late', 'nslookup heir 127.0.0.11'),
      ].join();
      return ['replica=', ' 0% packet loss', four, six].every((part) => answers.includes(part));
    });
    await removeContainer('h2', 'late');
    await removeContainer(WORKER, 'heir');
    await eventually('nothing is on it', 5_000, async () => {
      return (await cluster.on('h1').ask('DELETE', '/networks/both')).status === 204;
    });
  });

  test('outlives its daemon, a new leader, and both at a time', async () => {
    const before = await look(WORKER, 'db');
    await lab.stop(WORKER, { hard: true });
    await lab.start(WORKER);
    const leader = await cluster.leader('h1');
    const witness: Host = leader === 'h1' ? 'h2' : 'h1';
    await lab.stop(leader, { hard: true });
    await eventually('another leads', 15_000, async () => (await cluster.leader(witness)) !== leader);
    const after = await look(WORKER, 'db');
    expect([after.State.Pid, addressIn(after)]).toEqual([before.State.Pid, '10.66.0.77']);
    expect(await runOn(witness, 'late')).toBe('runs');
    await eventually('the new one reaches the old one', 10_000, async () =>
      (await say(witness, 'late', page('db'))).includes('replica='),
    );
    await eventually('and is reached', 10_000, async () =>
      (await say(WORKER, 'db', page('late'))).includes('replica='),
    );
    await lab.start(leader);
    await eventually('the leader of before is back', 20_000, async () => {
      const node = await cluster.node(leader, witness);
      return node?.Status.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable';
    });
    expect(await say('h1', 'other', page('db'))).toContain('replica=');
  });

  test('leaves nothing when it stops: names, address and network are free', async () => {
    await cluster.on(WORKER).call('POST', '/containers/db/stop?t=1');
    await eventually('nobody knows the name', 5_000, async () => {
      const stdout = await say('h1', 'other', 'nslookup db 127.0.0.11');
      return !stdout.includes('10.66.0.77');
    });
    await eventually('its address can be had by another', 5_000, async () => {
      return (await runOn('h2', 'heir', { address: '10.66.0.77' })) === 'runs';
    });
    const again = await cluster.on(WORKER).ask('POST', '/containers/db/start');
    expect(messageOf(again)).toContain('Address already in use: 10.66.0.77');
    for (const [host, name] of RUNNING) {
      await removeContainer(host, name);
    }
    await eventually('nothing is on the network', 5_000, async () => {
      return (await cluster.on('h1').ask('DELETE', '/networks/att')).status === 204;
    });
    for (const host of cluster.hosts) {
      expect((await lab.exec(host, ['skein', 'network', 'check'])).stdout).not.toContain('att');
    }
  });

  test('leaves nothing when its host dies and is removed', async () => {
    await cluster.on('h1').createNetwork('att', { Attachable: true });
    expect(await runOn(WORKER, 'db')).toBe('runs');
    expect(await runOn('h1', 'other')).toBe('runs');
    const address = addressIn(await look(WORKER, 'db'));
    await eventually('the name is known', 5_000, async () =>
      (await say('h1', 'other', 'nslookup db 127.0.0.11')).includes(address),
    );
    await lab.kill(WORKER);
    await eventually('nobody is told of it any more', 10_000, async () => {
      return !(await say('h1', 'other', 'nslookup db 127.0.0.11')).includes(address);
    });
    expect(await runOn('h2', 'heir', { address })).toContain('Address already in use');
    const node = await cluster.node(WORKER);
    await cluster.on('h1').call('DELETE', `/nodes/${node?.ID}?force=true`);
    await eventually(
      'its address is free',
      5_000,
      async () => (await runOn('h2', 'heir', { address })) === 'runs',
    );
    expect(await say('h2', 'heir', page('other'))).toContain('replica=');
  });
});
