import { describe, expect, it } from 'vitest';
import type { RestartPolicy, Service, TaskSpec } from '../../shared/model/service.ts';
import type { Task, TaskState } from '../../shared/model/task.ts';
import { containerSpec, node, service, serviceSpec, task, taskSpec } from '../../test/support/objects.ts';
import { decideEvictions } from './constraint_enforcer.ts';
import { isDirty } from '../../shared/model/dirty_task.ts';
import { groupInstances, type Instance } from './instance.ts';
import { printStep } from './plan.ts';
import { isRemovable, surplusHistory } from './reaper_plan.ts';
import { chooseSlots } from './replicated.ts';
import { promotion, shouldRestart } from './restart.ts';
import { planService } from './service_plan.ts';

const N1 = node({ id: 'n1' });
const NODES = new Map([
  ['n1', N1],
  ['n2', node({ id: 'n2' })],
  ['gone', node({ id: 'gone', status: { state: 'down', message: '', address: '' } })],
]);
const lookup = (id: string) => NODES.get(id);

/** `t('a', 'running')`: a task of slot 1 on n1, made at the time given. */
function t(id: string, state: TaskState, over: Partial<Task> = {}, createdAt = 0): Task {
  const base = task({ id, nodeId: 'n1', ...over });
  return {
    ...base,
    meta: { version: 1, createdAt, updatedAt: createdAt },
    status: { ...base.status, state, timestamp: createdAt, ...over.status },
  };
}

function instanceOf(...tasks: readonly Task[]): Instance {
  const [first] = groupInstances(tasks, false).values();
  if (first === undefined) {
    throw new Error('no tasks');
  }
  return first;
}

describe('slots', () => {
  const slot = (number: number, state: TaskState, nodeId: string) =>
    t(`s${number}`, state, { slot: number, nodeId });
  const show = (tasks: readonly Task[], replicas: number) => {
    const { keep, drop, missing } = chooseSlots(groupInstances(tasks, false).values(), replicas);
    const slots = (instances: readonly Instance[]) => instances.map((one) => one.slot).join();
    return `keep ${slots(keep)} drop ${slots(drop)} missing ${missing.join()}`;
  };
  it.each([
    ['fills from the lowest', [slot(2, 'running', 'n1')], 3, 'keep 2 drop  missing 1,3'],
    [
      'drops what does not run first',
      [slot(1, 'pending', ''), slot(2, 'running', 'n1')],
      1,
      'keep 2 drop 1 missing ',
    ],
    [
      'then from the fullest node',
      [slot(1, 'running', 'n1'), slot(2, 'running', 'n1'), slot(3, 'running', 'n2')],
      2,
      'keep 1,3 drop 2 missing ',
    ],
    ['none at all', [slot(1, 'running', 'n1')], 0, 'keep  drop 1 missing '],
  ] as const)('%s', (_name, tasks, replicas, expected) => {
    expect(show(tasks, replicas)).toBe(expected);
  });
});

describe('restart policy', () => {
  const policy = (over: Partial<RestartPolicy>): TaskSpec =>
    taskSpec({ restart: { condition: 'any', delayMs: 5_000, maxAttempts: 0, windowMs: 0, ...over } });
  const ended = (spec: TaskSpec, states: readonly TaskState[], everyMs = 1_000) =>
    instanceOf(...states.map((state, index) => t(`t${index}`, state, { spec }, index * everyMs)));
  it.each([
    ['any', {}, ['complete'], true],
    ['on-failure, complete', { condition: 'on-failure' }, ['complete'], false],
    ['on-failure, rejected', { condition: 'on-failure' }, ['rejected'], true],
    ['none', { condition: 'none' }, ['failed'], false],
    ['two of two attempts left', { maxAttempts: 2 }, ['failed'], true],
    ['one left', { maxAttempts: 2 }, ['failed', 'failed'], true],
    ['none left', { maxAttempts: 2 }, ['failed', 'failed', 'failed'], false],
    ['moves do not count', { maxAttempts: 2 }, ['failed', 'shutdown', 'shutdown', 'failed'], true],
    ['moved after the last', { maxAttempts: 1 }, ['failed', 'failed', 'shutdown'], true],
    [
      'old ones fall out of the window',
      { maxAttempts: 2, windowMs: 500 },
      ['failed', 'failed', 'failed'],
      true,
    ],
  ] as const)('%s', (_name, over, states, expected) => {
    const instance = ended(policy(over), states);
    const [newest] = instance.tasks;
    expect(newest !== undefined && shouldRestart(newest, instance)).toBe(expected);
  });

  const next = (over: Partial<Task> = {}) => t('new', 'ready', { desiredState: 'ready', ...over }, 1_000);
  const old = (state: TaskState, over: Partial<Task> = {}) =>
    t('old', state, { desiredState: 'shutdown', ...over }, 0);
  it.each([
    ['after a failure: the delay', old('failed'), next(), 5_999, 'until 6000'],
    ['the delay is over', old('failed'), next(), 6_000, 'now'],
    ['told to stop, still running', old('running'), next(), 1_000, 'until 61000'],
    ['told to stop, stopped', old('shutdown'), next(), 1_000, 'now'],
    ['will not stop', old('running'), next(), 61_000, 'now'],
    ['its node is down', old('running', { nodeId: 'gone' }), next(), 1_000, 'now'],
    ['failed on a node that is down', old('failed', { nodeId: 'gone' }), next(), 1_000, 'now'],
    ['of an older spec', old('failed'), next({ specVersion: 2 }), 1_000, 'now'],
  ] as const)('a replacement may run: %s', (_name, before, after, now, expected) => {
    const when = promotion(after, instanceOf(before, after), lookup, now);
    expect(when.kind === 'now' ? 'now' : `until ${when.untilMs}`).toBe(expected);
  });
});

describe('dirty', () => {
  const spec = (over: Partial<Service['spec']>): Service =>
    service({ id: 'web', spec: serviceSpec(over), specVersion: 2 });
  const placement = (constraint: string) => ({
    placement: { constraints: [constraint], preferences: [], maxReplicas: 0, platforms: [] },
  });
  const endpoint = { spec: { mode: 'vip', ports: [] }, ports: [], virtualIps: [] } as const;
  it.each([
    ['labels', spec({ labels: { a: 'b' } }), {}, false],
    ['scale', spec({ mode: { kind: 'replicated', replicas: 9 } }), {}, false],
    ['force', spec({ task: taskSpec({ forceUpdate: 1 }) }), {}, true],
    ['image', spec({ task: taskSpec({ container: containerSpec({ image: 'other' }) }) }), {}, true],
    ['a constraint it meets', spec({ task: taskSpec(placement('node.id == n1')) }), {}, false],
    ['a constraint it fails', spec({ task: taskSpec(placement('node.id == n2')) }), {}, true],
    [
      'network',
      spec({ task: taskSpec({ networks: [{ target: 'net', aliases: [], driverOptions: {} }] }) }),
      {},
      true,
    ],
    ['endpoint mode', spec({ endpoint: { mode: 'dnsrr', ports: [] } }), { endpoint }, true],
    ['endpoint made explicit', spec({ endpoint: { mode: 'vip', ports: [] } }), { endpoint }, false],
    ['made of this spec', spec({ task: taskSpec({ forceUpdate: 1 }) }), { specVersion: 2 }, false],
  ] as const)('%s', (_name, changed, over, expected) => {
    expect(isDirty(changed, t('a', 'running', over), lookup)).toBe(expected);
  });
});

describe('history', () => {
  const ended = (count: number, over: Partial<Task> = {}) =>
    Array.from({ length: count }, (_, index) =>
      t(`t${index}`, 'failed', { desiredState: 'shutdown', ...over }, index),
    );
  it.each([
    ['within the limit', ended(5), 5, ''],
    ['oldest first', ended(7), 5, 't0,t1'],
    ['unlimited', ended(50), -1, ''],
    ['the newest stays', ended(3), 0, 't0,t1'],
    ['what still stops stays', [t('x', 'running', { desiredState: 'shutdown' }, -1), ...ended(2)], 1, 't0'],
    [
      'what the restart policy counts stays',
      ended(7, {
        spec: taskSpec({ restart: { condition: 'any', delayMs: 0, maxAttempts: 5, windowMs: 0 } }),
      }),
      1,
      't0',
    ],
  ] as const)('%s', (_name, tasks, limit, expected) => {
    expect(surplusHistory(instanceOf(...tasks), limit).join()).toBe(expected);
  });

  it.each([
    ['ended', 'shutdown', 'n1', true],
    ['still stopping', 'running', 'n1', false],
    ['never assigned', 'pending', '', true],
    ['its node is only down', 'running', 'gone', false],
    ['its node was removed', 'running', 'n9', true],
  ] as const)('removable: %s', (_name, state, nodeId, expected) => {
    expect(isRemovable(t('a', state, { nodeId, desiredState: 'remove' }), lookup)).toBe(expected);
  });
});

it('evicts the newest tasks when a node shrank, and every one that its labels exclude', () => {
  const reserving = (memoryBytes: number) =>
    taskSpec({
      resources: {
        limits: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
        reservations: { nanoCpus: 0, memoryBytes, generic: [] },
      },
    });
  const tasks = [
    t('old', 'running', { spec: reserving(3e9) }, 1),
    t('new', 'running', { spec: reserving(3e9) }, 3),
    t('small', 'running', { spec: reserving(1e9) }, 2),
    t('leaving', 'running', { spec: reserving(3e9), desiredState: 'shutdown' }, 0),
  ];
  const none = () => undefined;
  expect(decideEvictions(N1, tasks, none).map((one) => one.taskId)).toEqual(['new']);
  const strict = () => ({ constraints: ['node.id == n2'], preferences: [], maxReplicas: 0, platforms: [] });
  expect(decideEvictions(N1, tasks, strict).map((one) => one.taskId)).toEqual(['old', 'small', 'new']);
  const drained = { ...N1, spec: { ...N1.spec, availability: 'drain' as const } };
  expect(decideEvictions(drained, tasks, strict)).toEqual([]);
});

it('prints its plan', () => {
  const plan = planService({
    service: service({
      id: 'web',
      specVersion: 2,
      spec: serviceSpec({ mode: { kind: 'replicated', replicas: 3 }, task: taskSpec({ forceUpdate: 1 }) }),
    }),
    tasks: [
      t('a', 'running', { slot: 1 }, 1),
      t('b', 'failed', { slot: 2, spec: taskSpec({ forceUpdate: 1 }), specVersion: 2 }, 1),
    ],
    node: lookup,
    allNodes: () => NODES.values(),
    now: 10_000,
    run: undefined,
  });
  expect(plan.steps.map(printStep)).toEqual([
    'restart: shutdown b, create slot 2 (ready)',
    'scale up: create slot 3 (running)',
    'update begins: status updating "update in progress"',
    'update: shutdown a, create slot 1 (ready)',
  ]);
});
