// What `node ls` says of a manager.
import { expect, test } from 'vitest';
import { managerStatus } from './ls.ts';

const NOW = Date.parse('2026-01-02T12:00:00Z');
const node = (status: Parameters<typeof managerStatus>[0]['ManagerStatus']) => ({
  ID: 'n',
  Spec: { Role: 'manager', Availability: 'active' },
  Status: {},
  ...(status === undefined ? {} : { ManagerStatus: status }),
});

test.each([
  ['', undefined],
  ['Leader', { Leader: true, Reachability: 'reachable' }],
  ['Reachable', { Reachability: 'reachable' }],
  ['Unreachable', { Reachability: 'unreachable' }],
  ['Unreachable (3 minutes)', { Reachability: 'unreachable', UnreachableSince: '2026-01-02T11:57:00Z' }],
] as const)('%s', (told, status) => {
  expect(managerStatus(node(status) as Parameters<typeof managerStatus>[0], NOW)).toBe(told);
});
