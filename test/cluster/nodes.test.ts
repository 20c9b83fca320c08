// Nodes in a swarm: where tasks may run (availability, labels, limits, resources), and how nodes come, change
// their role and go.
import { describe, expect, test } from 'vitest';
import { joinRequest, token, useCluster } from './support/cluster.ts';
import { messageOf, type TaskJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { type Host, lab } from './support/lab.ts';
import { MIB, scaled, service } from './support/services.ts';

const cluster = useCluster({ managers: 3, workers: 1, spare: 1 });

async function hostsOf(tasks: readonly TaskJson[]): Promise<Host[]> {
  return (await Promise.all(tasks.map((task) => cluster.hostOf(task)))).toSorted();
}

/** A task that waits, with the scheduler's reason. */
function pending(name: string): Promise<TaskJson> {
  return eventually(`a pending task of ${name} with a reason`, 10_000, async () =>
    (await cluster.on('h1').tasks(name)).find(
      (task) => task.Status.State === 'pending' && (task.Status.Err ?? '') !== '',
    ),
  );
}

describe('placement', () => {
  test('a worker joined by the worker token, and is no manager', async () => {
    const node = await cluster.node('h4');
    expect(node?.Spec.Role).toBe('worker');
    expect(node?.ManagerStatus).toBeUndefined();
    const answer = await cluster.on('h4').ask('GET', '/services');
    expect(answer.status).toBe(503);
    expect(messageOf(answer)).toMatch(/not a swarm manager/i);
  });

  test('a global service runs once on each node; drained it leaves a node, active it comes back', async () => {
    await cluster.on('h1').createService(service('everywhere', { global: true }));
    expect(await hostsOf(await cluster.whole('everywhere', 4))).toEqual(['h1', 'h2', 'h3', 'h4']);
    await cluster.on('h1').updateNode('h4', { Availability: 'drain' });
    expect(await hostsOf(await cluster.whole('everywhere', 3))).toEqual(['h1', 'h2', 'h3']);
    await cluster.on('h1').updateNode('h4', { Availability: 'active' });
    expect(await hostsOf(await cluster.whole('everywhere', 4))).toEqual(['h1', 'h2', 'h3', 'h4']);
    await cluster.remove('everywhere');
  });

  test('drain moves replicas; pause keeps them and takes no new ones', async () => {
    await cluster.on('h1').createService(service('moving', { replicas: 4 }));
    expect(await hostsOf(await cluster.whole('moving', 4))).toEqual(['h1', 'h2', 'h3', 'h4']);
    await cluster.on('h1').updateNode('h4', { Availability: 'drain' });
    await eventually('none left on h4', 15_000, async () => {
      const tasks = await cluster.whole('moving', 4);
      return !(await hostsOf(tasks)).includes('h4');
    });
    await cluster.on('h1').updateNode('h4', { Availability: 'active' });
    await cluster.on('h1').updateNode('h3', { Availability: 'pause' });
    await cluster.on('h1').updateService('moving', scaled(8));
    const hosts = await hostsOf(await cluster.whole('moving', 8));
    const before = hosts.filter((host) => host === 'h3').length;
    expect(before).toBeGreaterThanOrEqual(1);
    expect(before).toBeLessThanOrEqual(2);
    expect(hosts.filter((host) => host === 'h4').length).toBeGreaterThanOrEqual(2);
    await cluster.on('h1').updateNode('h3', { Availability: 'active' });
    await cluster.remove('moving');
  });

  test('constraints by label, hostname and role', async () => {
    await cluster.on('h1').updateNode('h2', { Labels: { disk: 'ssd' } });
    await cluster
      .on('h1')
      .createService(
        service('labelled', { replicas: 2, placement: { Constraints: ['node.labels.disk == ssd'] } }),
      );
    expect(await hostsOf(await cluster.whole('labelled', 2))).toEqual(['h2', 'h2']);
    await cluster.on('h1').createService(
      service('workers', {
        replicas: 2,
        placement: { Constraints: ['node.role == worker', 'node.hostname != h1'] },
      }),
    );
    expect(await hostsOf(await cluster.whole('workers', 2))).toEqual(['h4', 'h4']);
    await cluster.remove('labelled', 'workers');
  });

  test('a constraint that no node meets: the task waits and says why; a label frees it', async () => {
    await cluster
      .on('h1')
      .createService(service('picky', { placement: { Constraints: ['node.labels.gpu == yes'] } }));
    const task = await pending('picky');
    expect(task.Status.Err).toMatch(/no suitable node \(scheduling constraints not satisfied on 4 nodes\)/);
    await cluster.on('h1').updateNode('h3', { Labels: { gpu: 'yes' } });
    expect(await hostsOf(await cluster.whole('picky', 1))).toEqual(['h3']);
    await cluster.remove('picky');
  });

  test('at most one replica a node: the fifth of five waits', async () => {
    await cluster.on('h1').createService(service('spread', { replicas: 5, placement: { MaxReplicas: 1 } }));
    expect((await pending('spread')).Status.Err).toMatch(/max replicas per node limit exceed/);
    await eventually('one on each node', 10_000, async () => (await cluster.running('spread')).length === 4);
    expect(await hostsOf(await cluster.running('spread'))).toEqual(['h1', 'h2', 'h3', 'h4']);
    await cluster.remove('spread');
  });

  test('reservations that no node can give: it waits and says so', async () => {
    await cluster
      .on('h1')
      .createService(service('huge', { resources: { Reservations: { MemoryBytes: 1024 * 1024 * MIB } } }));
    expect((await pending('huge')).Status.Err).toMatch(
      /no suitable node \(insufficient resources on 4 nodes\)/,
    );
    await cluster.remove('huge');
  });

  test('a host-mode port is given once a node', async () => {
    const endpoint = {
      Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8090, PublishMode: 'host' }],
    };
    await cluster.on('h1').createService(service('hosted', { replicas: 5, endpoint }));
    expect((await pending('hosted')).Status.Err).toMatch(/host-mode port already in use on 4 nodes/);
    await cluster.remove('hosted');
  });
});

describe('nodes come, change and go', () => {
  test('a worker is promoted and becomes a reachable manager', async () => {
    await cluster.on('h1').updateNode('h4', { Role: 'manager' });
    await eventually('h4 reachable', 20_000, async () => {
      const node = await cluster.node('h4');
      return node?.ManagerStatus?.Reachability === 'reachable';
    });
    await eventually(
      'h4 serves the API of a manager',
      10_000,
      async () => (await cluster.on('h4').nodes()).length === 4,
    );
  });

  test('demoted again it is a worker, and its containers ran on', async () => {
    await cluster
      .on('h1')
      .createService(service('steady', { placement: { Constraints: ['node.hostname == h4'] } }));
    const [before] = await cluster.whole('steady', 1);
    await cluster.on('h1').updateNode('h4', { Role: 'worker' });
    await eventually('h4 is a worker', 20_000, async () => {
      const node = await cluster.node('h4');
      return (
        node?.ManagerStatus === undefined && (await cluster.on('h4').ask('GET', '/nodes')).status === 503
      );
    });
    const [after] = await cluster.whole('steady', 1);
    expect(after?.ID).toBe(before?.ID);
    expect(after?.Status.ContainerStatus?.PID).toBe(before?.Status.ContainerStatus?.PID);
    await cluster.remove('steady');
  });

  test('the leader is demoted: another leads', async () => {
    const leader = await cluster.leader();
    const witness = cluster.managers.find((host) => host !== leader) ?? 'h1';
    await cluster.on(witness).updateNode(leader, { Role: 'worker' });
    await eventually('another leads and the old one is a worker', 20_000, async () => {
      const node = await cluster.node(leader, witness);
      return node?.ManagerStatus === undefined && (await cluster.leader(witness)) !== leader;
    });
    // Taken in the middle of its demotion too: it joins the managers anew.
    await cluster.on(witness).updateNode(leader, { Role: 'manager' });
    await eventually('it is a manager again', 20_000, async () => {
      const node = await cluster.node(leader, witness);
      return node?.ManagerStatus?.Reachability === 'reachable';
    });
    await eventually('and serves', 10_000, async () => (await cluster.on(leader).nodes()).length === 4);
  });

  test('a node that is up is not removed without force', async () => {
    const node = await cluster.node('h4');
    const answer = await cluster.on('h1').ask('DELETE', `/nodes/${node?.ID}`);
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toMatch(/not down/);
  });

  test('a worker leaves: it is shown down, its containers end, and it can be removed', async () => {
    await cluster.on('h1').createService(service('guest', { replicas: 4 }));
    await cluster.whole('guest', 4);
    await cluster.on('h4').call('POST', '/swarm/leave');
    await eventually('h4 down', 2_000, async () => (await cluster.node('h4'))?.Status.State === 'down');
    await cluster.whole('guest', 4);
    const node = await cluster.node('h4');
    await cluster.on('h1').call('DELETE', `/nodes/${node?.ID}`);
    expect(await cluster.node('h4')).toBeUndefined();
    await cluster.remove('guest');
  });

  test('rotated, the old token is refused and the new one accepted', async () => {
    const old = await token('Worker');
    const { Version, Spec } = (await cluster.on('h1').call('GET', '/swarm')) as {
      readonly Version: { readonly Index: number };
      readonly Spec: unknown;
    };
    await cluster
      .on('h1')
      .call('POST', `/swarm/update?version=${Version.Index}&rotateWorkerToken=true`, Spec);
    expect(await token('Worker')).not.toBe(old);
    const refused = await cluster.on('h5').ask('POST', '/swarm/join', joinRequest('h5', old));
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(refused)).toMatch(/token/);
    await cluster.on('h5').call('POST', '/swarm/join', joinRequest('h5', await token('Worker')));
    await eventually('h5 ready', 10_000, async () => (await cluster.node('h5'))?.Status.State === 'ready');
  });

  test('a worker host that dies is down within seconds; its replicas move', async () => {
    await cluster.on('h1').createService(service('mobile', { replicas: 4 }));
    await cluster.whole('mobile', 4);
    await lab.kill('h5');
    await eventually('h5 down', 10_000, async () => (await cluster.node('h5'))?.Status.State === 'down');
    await eventually('four elsewhere', 15_000, async () => {
      const tasks = await cluster.whole('mobile', 4);
      return !(await hostsOf(tasks)).includes('h5');
    });
    // Not awaited: the tasks of the dead host stay known until it is back or removed.
    await cluster.on('h1').removeService('mobile');
  });

  test('managers are demoted one by one; the last one is refused', async () => {
    const leader = await cluster.leader();
    for (const host of cluster.managers.filter((candidate) => candidate !== leader)) {
      await cluster.on(leader).updateNode(host, { Role: 'worker' });
      await eventually(
        `${host} is a worker`,
        20_000,
        async () => (await cluster.node(host, leader))?.ManagerStatus === undefined,
      );
    }
    await expect(cluster.on(leader).updateNode(leader, { Role: 'worker' })).rejects.toThrow(/last manager/);
  });
});
