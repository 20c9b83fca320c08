import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../shared/model/node.ts';
import type { Placement } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';
import { seededRandom } from '../../shared/random.ts';
import { node, task, taskSpec } from '../../test/support/objects.ts';
import { filtersFor, refusal } from './filters.ts';
import { demandOf } from './group.ts';
import { Ledger } from './ledger.ts';
import { confirmNode, placeGroup, type PlacementPlan } from './placement.ts';

const NOW = 1_000_000;
const PLACEMENT: Placement = { constraints: [], preferences: [], maxReplicas: 0, platforms: [] };

function ledgerOf(nodes: readonly Node[], tasks: readonly Task[] = []): Ledger {
  const ledger = new Ledger(seededRandom(3));
  for (const one of nodes) {
    ledger.putNode(one);
  }
  for (const one of tasks) {
    ledger.noteTask(one, NOW);
  }
  return ledger;
}

function nodes(count: number, over: (index: number) => Partial<Node> = () => ({})): readonly Node[] {
  return Array.from({ length: count }, (_, index) => node({ id: `n${index + 1}`, ...over(index) }));
}

function pending(count: number, over: Partial<Task> = {}): readonly Task[] {
  return Array.from({ length: count }, (_, index) => {
    const base = task({ id: `${over.serviceId ?? 'web'}-${index}`, slot: index + 1, ...over });
    return { ...base, status: { ...base.status, state: 'pending' } };
  });
}

function running(id: string, nodeId: string, over: Partial<Task> = {}): Task {
  const base = task({ id, nodeId, ...over });
  return { ...base, status: { ...base.status, state: 'running', ...over.status } };
}

/** `n1:2 n2:1` */
function counts(plan: PlacementPlan): string {
  const byNode = new Map<string, number>();
  for (const { nodeId } of plan.assignments) {
    byNode.set(nodeId, (byNode.get(nodeId) ?? 0) + 1);
  }
  return [...byNode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, count]) => `${id}:${count}`)
    .join(' ');
}

const reserving = (memoryBytes: number) =>
  taskSpec({
    resources: {
      limits: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
      reservations: { nanoCpus: 0, memoryBytes, generic: [] },
    },
  });
const hostPort = {
  spec: { mode: 'vip', ports: [] },
  ports: [{ name: '', protocol: 'tcp', target: 80, published: 8080, mode: 'host' }],
  virtualIps: [],
} as const;

describe('the choice of a node', () => {
  it('evens out the service first, all tasks second', () => {
    const there = [running('a', 'n1', { serviceId: 'other' }), running('b', 'n1', { serviceId: 'other' })];
    expect(counts(placeGroup(ledgerOf(nodes(2), there), pending(1), NOW))).toBe('n2:1');
    expect(counts(placeGroup(ledgerOf(nodes(2), [...there, running('c', 'n2')]), pending(1), NOW))).toBe(
      'n1:1',
    );
    expect(counts(placeGroup(ledgerOf(nodes(3)), pending(9), NOW))).toBe('n1:3 n2:3 n3:3');
  });

  it('does not count tasks that are being stopped as load', () => {
    const leaving = running('a', 'n1', { desiredState: 'shutdown' });
    const plan = placeGroup(ledgerOf(nodes(2), [leaving, running('b', 'n2')]), pending(1), NOW);
    expect(counts(plan)).toBe('n1:1');
  });

  it('puts a node with five recent failures of the same spec last, and forgets them after five minutes', () => {
    const failures = Array.from({ length: 5 }, (_, index) =>
      running(`f${index}`, 'n1', {
        desiredState: 'shutdown',
        status: { state: 'failed', timestamp: NOW - 60_000, message: '', error: '', ports: [] },
      }),
    );
    const ledger = ledgerOf(nodes(2), [...failures, running('x', 'n2'), running('y', 'n2')]);
    expect(counts(placeGroup(ledger, pending(1), NOW))).toBe('n2:1');
    expect(counts(placeGroup(ledger, pending(1, { specVersion: 2 }), NOW))).toBe('n1:1');
    expect(counts(placeGroup(ledgerOf(nodes(2), failures), pending(2), NOW + 300_000))).toBe('n1:1 n2:1');
  });

  it('evens out the values of a preference label, level by level', () => {
    const zones = nodes(4, (index) => ({
      spec: { ...node({ id: 'x' }).spec, labels: { zone: index === 0 ? 'a' : 'b' } },
    }));
    const spec = taskSpec({
      placement: { ...PLACEMENT, preferences: [{ spreadDescriptor: 'node.labels.zone' }] },
    });
    expect(counts(placeGroup(ledgerOf(zones), pending(6, { spec }), NOW))).toBe('n1:3 n2:1 n3:1 n4:1');
    const there = [running('a', 'n1', { spec }), running('b', 'n1', { spec })];
    expect(counts(placeGroup(ledgerOf(zones, there), pending(4, { spec }), NOW))).toMatch(/^n1:1 n/);
  });

  it('goes past a branch whose nodes are full', () => {
    const zones = nodes(3, (index) => ({
      spec: { ...node({ id: 'x' }).spec, labels: { zone: index === 0 ? 'a' : 'b' } },
    }));
    const placement = {
      ...PLACEMENT,
      preferences: [{ spreadDescriptor: 'node.labels.zone' }],
      maxReplicas: 1,
    };
    const plan = placeGroup(ledgerOf(zones), pending(4, { spec: taskSpec({ placement }) }), NOW);
    expect(counts(plan)).toBe('n1:1 n2:1 n3:1');
    expect(plan.unplaced.map(({ explanation }) => explanation)).toEqual([
      'no suitable node (max replicas per node limit exceed)',
    ]);
  });
});

describe('what no node suits', () => {
  const drained = { spec: { ...node({ id: 'x' }).spec, availability: 'drain' } } as const;
  const arm = {
    description: {
      ...(node({ id: 'x' }).description as NonNullable<Node['description']>),
      platform: { architecture: 'aarch64', os: 'linux' },
    },
  };
  const platforms = (architecture: string) =>
    taskSpec({ placement: { ...PLACEMENT, platforms: [{ architecture, os: 'linux' }] } });
  const cases: readonly (readonly [string, readonly Node[], readonly Task[], Partial<Task>, string])[] = [
    ['no node at all', [], [], {}, 'no suitable node'],
    ['drained', nodes(1, () => drained), [], {}, 'no suitable node (1 node not available for new tasks)'],
    [
      'too big',
      nodes(2),
      [],
      { spec: reserving(2 ** 40) },
      'no suitable node (insufficient resources on 2 nodes)',
    ],
    [
      'constraint',
      nodes(1),
      [],
      { spec: taskSpec({ placement: { ...PLACEMENT, constraints: ['node.id == n7'] } }) },
      'no suitable node (scheduling constraints not satisfied on 1 node)',
    ],
    [
      'arm on x86',
      nodes(1),
      [],
      { spec: platforms('arm64') },
      'no suitable node (unsupported platform on 1 node)',
    ],
    ['amd64 on x86_64', nodes(1), [], { spec: platforms('amd64') }, ''],
    ['arm64 on aarch64', nodes(1, () => arm), [], { spec: platforms('arm64') }, ''],
    [
      'port',
      nodes(1),
      [running('a', 'n1', { endpoint: hostPort, desiredState: 'shutdown' })],
      { endpoint: hostPort },
      'no suitable node (host-mode port already in use on 1 node)',
    ],
    [
      'several, most frequent first',
      nodes(3, (index) => (index === 0 ? drained : {})),
      [],
      { spec: reserving(2 ** 40) },
      'no suitable node (insufficient resources on 2 nodes; 1 node not available for new tasks)',
    ],
  ];
  it.each(cases)('%s', (_name, all, there, over, explanation) => {
    const plan = placeGroup(ledgerOf(all, there), pending(1, over), NOW);
    expect(plan.unplaced.map((one) => one.explanation).join()).toBe(explanation);
    expect(plan.assignments).toHaveLength(explanation === '' ? 1 : 0);
  });

  it('fills what fits and explains the rest', () => {
    const plan = placeGroup(ledgerOf(nodes(2)), pending(9, { spec: reserving(2 ** 30) }), NOW);
    expect(counts(plan)).toBe('n1:4 n2:4');
    expect(plan.unplaced.map((one) => one.explanation)).toEqual([
      'no suitable node (insufficient resources on 2 nodes)',
    ]);
  });

  it('confirms a preassigned node or says what is wrong with it', () => {
    const [one] = pending(1, { nodeId: 'n1', slot: 0 });
    const ok = confirmNode(ledgerOf(nodes(2)), one as Task);
    expect(ok.assignments.map(({ nodeId }) => nodeId)).toEqual(['n1']);
    const no = confirmNode(ledgerOf(nodes(2, () => drained)), one as Task);
    expect(no.unplaced.map(({ explanation }) => explanation)).toEqual([
      'no suitable node (1 node not available for new tasks)',
    ]);
  });
});

describe('properties', () => {
  const anyNode = fc.record({
    availability: fc.constantFrom('active', 'active', 'active', 'pause', 'drain'),
    state: fc.constantFrom('ready', 'ready', 'ready', 'down', 'unknown'),
    memory: fc.integer({ min: 0, max: 8 }),
    zone: fc.constantFrom('a', 'b', 'c'),
    port: fc.boolean(),
  });
  const anyService = fc.record({
    tasks: fc.integer({ min: 1, max: 12 }),
    memory: fc.integer({ min: 0, max: 3 }),
    maxReplicas: fc.integer({ min: 0, max: 3 }),
    constrained: fc.boolean(),
    preferring: fc.boolean(),
    hostPort: fc.boolean(),
  });

  it('no placement violates a filter, and nothing waits that a node would suit', () => {
    fc.assert(
      fc.property(
        fc.array(anyNode, { minLength: 0, maxLength: 8 }),
        fc.array(anyService, { minLength: 1, maxLength: 5 }),
        (shapes, services) => {
          const all = shapes.map((shape, index) => {
            const base = node({ id: `n${index}` });
            return node({
              id: base.id,
              spec: { ...base.spec, availability: shape.availability, labels: { zone: shape.zone } },
              status: { ...base.status, state: shape.state },
              description: {
                ...(base.description as NonNullable<Node['description']>),
                resources: { nanoCpus: 0, memoryBytes: shape.memory, generic: [] },
              },
            } as Partial<Node> & { id: string });
          });
          const there = shapes.flatMap((shape, index) =>
            shape.port ? [running(`p${index}`, `n${index}`, { serviceId: 'old', endpoint: hostPort })] : [],
          );
          const planner = ledgerOf(all, there);
          const witness = ledgerOf(all, there);
          for (const [index, service] of services.entries()) {
            const placement = {
              ...PLACEMENT,
              maxReplicas: service.maxReplicas,
              constraints: service.constrained ? ['node.labels.zone != b'] : [],
              preferences: service.preferring ? [{ spreadDescriptor: 'node.labels.zone' }] : [],
            };
            const spec = { ...reserving(service.memory), placement };
            const over = {
              serviceId: `s${index}`,
              spec,
              ...(service.hostPort ? { endpoint: hostPort } : {}),
            };
            const plan = placeGroup(planner, pending(service.tasks, over), NOW);
            expect(plan.assignments.length + plan.unplaced.length).toBe(service.tasks);
            for (const assignment of plan.assignments) {
              const demand = demandOf(assignment.task);
              const entry = witness.get(assignment.nodeId);
              expect(entry && refusal(filtersFor(demand), demand, entry)).toBeUndefined();
              entry?.book(assignment.task, true);
            }
            for (const { task: left } of plan.unplaced) {
              const demand = demandOf(left);
              for (const entry of witness.nodes()) {
                expect(refusal(filtersFor(demand), demand, entry)).toBeDefined();
              }
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('equal nodes differ by at most one task of a service', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        (nodeCount, waves) => {
          const ledger = ledgerOf(nodes(nodeCount));
          const loads = new Map<string, number>(nodes(nodeCount).map(({ id }) => [id, 0]));
          for (const [wave, count] of waves.entries()) {
            const tasks = pending(count).map((one) => ({ ...one, id: `${wave}-${one.id}` }));
            for (const { nodeId } of placeGroup(ledger, tasks, NOW).assignments) {
              loads.set(nodeId, (loads.get(nodeId) ?? 0) + 1);
            }
            expect(Math.max(...loads.values()) - Math.min(...loads.values())).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});

describe('speed', () => {
  it.each([
    ['one service of 10,000 tasks', 1],
    ['100 services of 100 tasks', 100],
    ['10,000 services of one task', 10_000],
  ])('%s over 1,000 nodes', (name, services) => {
    const ledger = ledgerOf(nodes(1_000));
    const spec = reserving(1);
    const groups = Array.from({ length: services }, (_, index) =>
      pending(10_000 / services, { serviceId: `s${index}`, spec }),
    );
    const before = process.cpuUsage();
    const placed = groups.reduce((sum, group) => sum + placeGroup(ledger, group, NOW).assignments.length, 0);
    const { user, system } = process.cpuUsage(before);
    const cpuMs = Math.round((user + system) / 1_000);
    expect(placed).toBe(10_000);
    expect(cpuMs, `${name} took ${cpuMs} ms of CPU`).toBeLessThan(3_000);
    if (process.env['SKEIN_PRINT_TIMES'] !== undefined) {
      process.stdout.write(`${name}: ${cpuMs} ms\n`);
    }
  });
});
