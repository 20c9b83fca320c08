// Nodes as operators meet them: what may be changed, who may be demoted, who may be removed, and what
// becomes of the removed one's certificate and tasks.
import { describe, expect, test } from 'vitest';
import { cluster, node, task } from '../../test/support/objects.ts';
import type { Node, NodeRole, NodeSpec } from '../../shared/model/node.ts';
import { type Harness, harness, voters } from '../../test/support/control_harness.ts';

const manager = (id: string, raftId: number): Node =>
  node({
    id,
    role: 'manager',
    managerStatus: { raftId, address: `${id}:2377`, leader: false, reachability: 'reachable' },
  });

const down = { state: 'down', message: '', address: '10.0.0.9' } as const;

function cast(...nodes: readonly Node[]): Promise<Harness> {
  return harness((tx) => {
    for (const one of nodes) {
      tx.create('node', one);
    }
  });
}

function setRole(at: Harness, ref: string, desiredRole: NodeRole): Promise<Node> {
  const stored = at.store.view.get('node', ref) ?? node({ id: ref });
  const spec: NodeSpec = { ...stored.spec, desiredRole };
  return at.api.updateNode({ ref, version: stored.meta.version, spec }, at.context);
}

describe('promotion', () => {
  test('of a node in the middle of its demotion is taken: it joins the managers anew', async () => {
    const half = manager('m2', 2);
    const { managerStatus: _left, ...rest } = half;
    const at = await cast(manager('m1', 1), {
      ...rest,
      spec: { ...half.spec, desiredRole: 'worker' },
    });
    at.raft.members = voters([1, 'm1']);
    at.raft.active = [1];
    expect((await setRole(at, 'm2', 'manager')).spec.desiredRole).toBe('manager');
  });
});

describe('update', () => {
  test('labels and availability', async () => {
    const at = await cast(node({ id: 'n1' }));
    const spec: NodeSpec = { ...node({ id: 'n1' }).spec, availability: 'drain', labels: { zone: 'a' } };
    const changed = await at.api.updateNode({ ref: 'n1', version: 1, spec }, at.context);
    expect(changed).toMatchObject({ spec, meta: { version: 2 } });
    const stale = at.api.updateNode({ ref: 'n1', version: 1, spec }, at.context);
    await expect(stale).rejects.toMatchObject({ kind: 'conflict', message: 'update out of sequence' });
  });

  test.each([
    ['invalid Availability: "gone"', { availability: 'gone' }],
    ['invalid Role: "king"', { desiredRole: 'king' }],
    ['invalid Membership: ""', { membership: '' }],
  ])('%s', async (message, over) => {
    const at = await cast(node({ id: 'n1' }));
    const spec = { ...node({ id: 'n1' }).spec, ...over } as NodeSpec;
    await expect(at.api.updateNode({ ref: 'n1', version: 1, spec }, at.context)).rejects.toThrow(message);
  });
});

describe('demotion', () => {
  test('of the last manager is refused', async () => {
    const at = await cast(manager('m1', 1), node({ id: 'w1' }));
    at.raft.members = voters([1, 'm1']);
    at.raft.active = [1];
    await expect(setRole(at, 'm1', 'worker')).rejects.toThrow(
      'attempting to demote the last manager of the swarm',
    );
    expect(at.store.view.get('node', 'm1')?.spec.desiredRole).toBe('manager');
  });

  test.each([
    ['three, all reachable', [1, 2, 3], undefined],
    ['three, the demoted one unreachable', [1, 2], undefined],
    [
      'three, another unreachable',
      [1, 3],
      'of the other managers (2) 2 must be reachable and 1 can be reached',
    ],
  ])('of one of %s', async (_what, active, refusal) => {
    const at = await cast(manager('m1', 1), manager('m2', 2), manager('m3', 3));
    at.raft.members = voters([1, 'm1'], [2, 'm2'], [3, 'm3']);
    at.raft.active = active;
    const demotion = setRole(at, 'm3', 'worker');
    if (refusal === undefined) {
      expect((await demotion).spec.desiredRole).toBe('worker');
    } else {
      await expect(demotion).rejects.toMatchObject({ code: 'quorum-loss', kind: 'invalid' });
      await expect(demotion).rejects.toThrow(refusal);
    }
  });

  test('counts managers that were demoted before and have not left yet', async () => {
    const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
    const at = await cast(...ids.map((id, position) => manager(id, position + 1)));
    at.raft.members = voters([1, 'm1'], [2, 'm2'], [3, 'm3'], [4, 'm4'], [5, 'm5']);
    at.raft.active = [2, 3, 4, 5];
    await setRole(at, 'm5', 'worker');
    await setRole(at, 'm4', 'worker');
    await expect(setRole(at, 'm3', 'worker')).rejects.toThrow(
      'of the other managers (2) 2 must be reachable and 1 can be reached',
    );
    at.raft.active = [1, 2, 3, 4, 5];
    await setRole(at, 'm3', 'worker');
  });

  test('of a manager that is no raft member yet needs no quorum', async () => {
    const at = await cast(manager('m1', 1), node({ id: 'w1' }));
    at.raft.members = voters([1, 'm1']);
    at.raft.active = [1];
    await setRole(at, 'w1', 'manager');
    expect((await setRole(at, 'w1', 'worker')).spec.desiredRole).toBe('worker');
  });
});

describe('removal', () => {
  const remove = (at: Harness, ref: string, force = false) => at.api.removeNode({ ref, force }, at.context);

  test('of a node that is up is refused, unless forced', async () => {
    const at = await cast(node({ id: 'w1' }));
    await expect(remove(at, 'w1')).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining("node w1 is not down and can't be removed"),
    });
    await remove(at, 'w1', true);
    expect(at.store.view.count('node')).toBe(0);
  });

  test.each([false, true])('of a manager is refused (forced: %s)', async (force) => {
    const at = await cast({ ...manager('m1', 1), status: down });
    await expect(remove(at, 'm1', force)).rejects.toThrow(
      'node m1 is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal',
    );
  });

  test('of a dead manager works by force, as long as the others have a majority', async () => {
    const at = await cast(manager('m1', 1), manager('m2', 2), { ...manager('m3', 3), status: down });
    at.raft.members = voters([1, 'm1'], [2, 'm2'], [3, 'm3']);
    at.raft.active = [1];
    await expect(remove(at, 'm3', true)).rejects.toThrow(
      'of the other managers (2) 2 must be reachable and 1 can be reached',
    );
    at.raft.active = [1, 2];
    await expect(remove(at, 'm3')).rejects.toThrow('unless it is dead: then it can be removed by force');
    await expect(remove(at, 'm2', true)).rejects.toThrow('must be demoted');
    await remove(at, 'm3', true);
    expect(at.store.view.get('node', 'm3')).toBeUndefined();
    expect(at.store.view.get('cluster', 'cluster')?.revoked.map(({ nodeId }) => nodeId)).toEqual(['m3']);
  });

  test('of a raft member that the node object does not show yet is refused', async () => {
    const at = await cast(node({ id: 'm1', status: down }));
    at.raft.members = voters([1, 'm1']);
    at.raft.active = [1];
    await expect(remove(at, 'm1', true)).rejects.toThrow('member of the raft cluster');
  });

  test('revokes the certificate and orphans every task, however many', async () => {
    const at = await cast(node({ id: 'w1', status: down }));
    await at.store.update((tx) => {
      const stored = tx.get('cluster', 'cluster') ?? cluster();
      tx.update('cluster', { ...stored, revoked: [{ nodeId: 'old', expiresAt: 1 }] });
      for (let number = 0; number < 450; number += 1) {
        tx.create('task', task({ id: `t${number}`, nodeId: 'w1' }));
      }
      const status = { state: 'complete', timestamp: 0, message: '', error: '', ports: [] } as const;
      tx.create('task', task({ id: 'done', nodeId: 'w1', status }));
      tx.create('task', task({ id: 'other', nodeId: 'w2' }));
    });
    await remove(at, 'w1');
    const states = new Map<string, number>();
    for (const one of at.store.view.all('task')) {
      states.set(one.status.state, (states.get(one.status.state) ?? 0) + 1);
    }
    expect(states).toEqual(
      new Map([
        ['orphaned', 450],
        ['complete', 1],
        ['new', 1],
      ]),
    );
    const { nodeCertExpiryMs } = cluster().spec.ca;
    expect(at.store.view.get('cluster', 'cluster')?.revoked).toEqual([
      { nodeId: 'w1', expiresAt: at.clock.now() + nodeCertExpiryMs },
    ]);
  });
});

test('filters', async () => {
  const labelled = node({ id: 'w1' });
  const at = await cast({ ...labelled, spec: { ...labelled.spec, labels: { zone: 'a' } } }, manager('m1', 1));
  const ids = async (filters: Record<string, string[]>) =>
    (await at.api.listNodes({ filters }, at.context)).map((found) => found.id);
  expect(await ids({ role: ['manager'] })).toEqual(['m1']);
  expect(await ids({ 'node.label': ['zone=a'] })).toEqual(['w1']);
  expect(await ids({ label: ['zone=a'] })).toEqual([]);
  expect(await ids({ membership: ['accepted'] })).toEqual(['m1', 'w1']);
  expect(await ids({ name: ['w'] })).toEqual(['w1']);
  await expect(ids({ role: ['king'] })).rejects.toThrow("invalid filter 'role=king'");
});
