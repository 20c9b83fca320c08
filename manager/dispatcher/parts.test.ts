import { describe, expect, it } from 'vitest';
import type { AssignmentChange } from '../../shared/protocol/dispatcher.ts';
import { seededRandom } from '../../shared/random.ts';
import { placed, status } from '../../test/support/dispatcher_agent.ts';
import { secret, task } from '../../test/support/objects.ts';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import { chunks } from './chunks.ts';
import { Drains } from './drains.ts';
import { heartbeatPeriodMs, jittered, Liveness } from './heartbeat.ts';
import { acceptStatus } from './task_status.ts';

describe('the heartbeat period', () => {
  it.each([
    [1, 5_000, 1_000],
    [100, 5_000, 1_000],
    [300, 5_000, 3_000],
    [5_000, 5_000, 5_000],
    [5_000, 20_000, 20_000],
    [3, 20_000, 20_000],
    [3, 500, 500],
  ])('of %d nodes, configured to %d ms, is %d ms', (nodes, ceiling, expected) => {
    expect(heartbeatPeriodMs(nodes, ceiling)).toBe(expected);
  });

  it('varies by a tenth either way', () => {
    const random = seededRandom(3);
    const told = Array.from({ length: 500 }, () => jittered(1_000, random));
    expect(Math.min(...told)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...told)).toBeLessThanOrEqual(1_100);
    expect(new Set(told).size).toBeGreaterThan(50);
  });
});

describe('liveness', () => {
  it('tells who was silent for too long, once', async () => {
    const clock = new VirtualClock();
    const lost: string[] = [];
    const liveness = new Liveness({ clock, onLost: (nodeId) => lost.push(nodeId) });
    liveness.expect('a', 3_000);
    liveness.expect('b', 3_000);
    await clock.advance(2_000);
    liveness.expect('a', 3_000);
    liveness.forget('b');
    await clock.advance(2_900);
    expect(lost).toEqual([]);
    await clock.advance(200);
    expect(lost).toEqual(['a']);
    expect(clock.timers).toBe(0);
  });

  it('a leader that stood still blames nobody for its own silence', async () => {
    const clock = new VirtualClock();
    let late = 0;
    const stalled = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + late,
      sleep: (ms: number) => clock.sleep(ms),
      after: (ms: number, callback: () => void) => clock.after(ms, callback),
    };
    const lost: string[] = [];
    const liveness = new Liveness({ clock: stalled, onLost: (nodeId) => lost.push(nodeId) });
    liveness.expect('a', 3_000);
    late = 2_000;
    await clock.advance(3_000);
    expect(lost).toEqual([]);
    await clock.advance(2_000);
    expect(lost).toEqual(['a']);
  });
});

describe('messages of a set', () => {
  const secretOf = (id: string, bytes: number): AssignmentChange => ({
    action: 'update',
    item: {
      kind: 'secret',
      secret: secret({ id, spec: { name: id, labels: {}, data: new Uint8Array(bytes) } }),
    },
  });
  const taskOf = (id: string): AssignmentChange => ({
    action: 'update',
    item: { kind: 'task', task: task({ id }) },
  });

  it('a full set names all tasks first; what is too large for one message follows', () => {
    const changes = [
      ...Array.from({ length: 10 }, (_, n) => secretOf(`s${n}`, 500_000)),
      taskOf('t1'),
      taskOf('t2'),
    ];
    const parts = chunks(changes, 'full');
    expect(parts.map((part) => part.length)).toEqual([6, 4, 2]);
    expect(parts[0]?.slice(0, 2)).toEqual([taskOf('t1'), taskOf('t2')]);
    expect(parts.flat()).toHaveLength(12);
  });

  it('increments have at most a hundred changes, in order', () => {
    const removals = Array.from(
      { length: 250 },
      (_, n): AssignmentChange => ({ action: 'remove', kind: 'task', id: `t${n}` }),
    );
    const parts = chunks(removals, 'increment');
    expect(parts.map((part) => part.length)).toEqual([100, 100, 50]);
    expect(parts.flat()).toEqual(removals);
  });

  it('an empty full set is a message too', () => {
    expect(chunks([], 'full')).toEqual([[]]);
  });
});

describe('what an agent may report', () => {
  const running = placed('t1', 'n1', { status: status('running') });
  it.each([
    ['later state', running, 'n1', 'failed', true],
    ['same state, other words', running, 'n1', 'running', true],
    ['earlier state', running, 'n1', 'preparing', false],
    ['a task of another node', running, 'n2', 'failed', false],
    ['a manager’s state', running, 'n1', 'orphaned', false],
    ['a second end', placed('t1', 'n1', { status: status('failed') }), 'n1', 'shutdown', false],
  ] as const)('%s', (_name, stored, nodeId, state, taken) => {
    const report = { ...status(state), message: 'news' };
    expect(acceptStatus(stored, nodeId, report)?.state).toBe(taken ? state : undefined);
  });
});

describe('drains', () => {
  it('wait for the version in which the task drained, not for later ones', () => {
    let version = 5;
    let applied = 4;
    const drains = new Drains({ versionOf: () => version, lowestApplied: () => applied });
    const leaving = placed('t1', 'n1', { status: status('running'), desiredState: 'shutdown' });
    drains.follow('t1', leaving);
    expect(drains.settle()).toEqual([]);
    version = 9;
    applied = 5;
    expect(drains.settle()).toEqual([{ taskId: 't1', nodeId: 'n1' }]);
    expect(drains.drainedOn('n1')).toEqual(['t1']);
    drains.follow('t1', { ...leaving, status: status('shutdown') });
    expect(drains.drainedOn('n1')).toEqual([]);
  });
});
