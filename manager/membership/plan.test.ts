// The plan as a table: what raft says, what the nodes say, what is to be done.
import { describe, expect, test } from 'vitest';
import type { ManagerStatus, Node } from '../../shared/model/node.ts';
import type { RaftStatus } from '../raft/api.ts';
import { node } from '../../test/support/objects.ts';
import { planMembership } from './plan.ts';

const address = (raftId: number) => `10.0.0.${raftId}:2377`;

function status(active: readonly number[]): RaftStatus {
  const members = [1, 2, 3].map((raftId) => ({
    raftId,
    nodeId: `m${raftId}`,
    address: address(raftId),
    learner: false,
  }));
  return { raftId: 1, role: 'leader', term: 1, leaderId: 1, committed: 1, applied: 1, members, active };
}

function manager(raftId: number, change: Partial<ManagerStatus> = {}): Node {
  const managerStatus: ManagerStatus = {
    raftId,
    address: address(raftId),
    leader: raftId === 1,
    reachability: 'reachable',
    ...change,
  };
  const one = node({ id: `m${raftId}`, managerStatus, role: 'manager' });
  return { ...one, spec: { ...one.spec, desiredRole: 'manager' } };
}

const nodes = (...list: readonly Node[]) => new Map(list.map((each) => [each.id, each]));
const asked = nodes(manager(1), manager(2), manager(3));
const NOTHING = { moves: [], statuses: [], removals: [] };

describe('the membership plan', () => {
  test('all is as it should be: nothing', () => {
    expect(planMembership(asked, status([1, 2, 3]))).toEqual(NOTHING);
  });

  test('a member that is not heard of any more is unreachable', () => {
    const { managerStatus } = manager(3, { reachability: 'unreachable' });
    expect(planMembership(asked, status([1, 2]))).toEqual({
      ...NOTHING,
      statuses: [{ nodeId: 'm3', status: managerStatus }],
    });
  });

  test('since when is told once: it changes nothing later', () => {
    const dead = manager(3, { reachability: 'unreachable', unreachableSince: 5 });
    expect(planMembership(nodes(manager(1), manager(2), dead), status([1, 2]))).toEqual(NOTHING);
  });

  test('a member that says it is elsewhere has moved', () => {
    const heard = new Map([
      [1, address(1)],
      [2, '10.0.0.99:2377'],
    ]);
    expect(planMembership(asked, status([1, 2, 3]), heard)).toEqual({
      ...NOTHING,
      moves: [{ raftId: 2, nodeId: 'm2', address: '10.0.0.99:2377' }],
    });
  });

  test('a member without a node, and one that is to be a worker, go', () => {
    const demoted = manager(2);
    const worker = { ...demoted, spec: { ...demoted.spec, desiredRole: 'worker' as const } };
    expect(planMembership(nodes(manager(1), worker), status([1, 2, 3])).removals).toEqual([
      { raftId: 2, nodeId: 'm2', why: 'demoted' },
      { raftId: 3, nodeId: 'm3', why: 'node-removed' },
    ]);
  });

  test('a node that joined twice: the member that nobody runs goes, once the other answers', () => {
    const twice = (active: readonly number[]): RaftStatus => {
      const { members, ...rest } = status(active);
      const again = { raftId: 9, nodeId: 'm3', address: address(3), learner: true };
      return { ...rest, members: [...members, again] };
    };
    expect(planMembership(asked, twice([1, 2, 9])).removals).toEqual([
      { raftId: 3, nodeId: 'm3', why: 'replaced' },
    ]);
    expect(planMembership(asked, twice([1, 2, 3])).removals).toEqual([
      { raftId: 9, nodeId: 'm3', why: 'replaced' },
    ]);
    expect(planMembership(asked, twice([1, 2])).removals).toEqual([]);
  });

  test('a node that is no member any more has no status', () => {
    const gone = manager(4);
    expect(planMembership(nodes(...asked.values(), gone), status([1, 2, 3])).statuses).toEqual([
      { nodeId: 'm4', status: undefined },
    ]);
  });
});
