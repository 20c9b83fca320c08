// Sessions with the managers as transcripts on a virtual clock.
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import type { StatusUpdate } from '../../shared/protocol/dispatcher.ts';
import type { LogService } from '../../shared/protocol/logs.ts';
import { seededRandom } from '../../shared/random.ts';
import { VirtualClock, settle } from '../../test/support/virtual_clock.ts';
import type { AttachmentClaims } from '../attachment/api.ts';
import { Agent } from './agent.ts';
import type { AssignmentDelta } from './assignment_set.ts';
import { FakeManagers } from './test/fake_dispatcher.ts';
import { SAMPLE_DESCRIPTION, sampleTask, taskId } from './test/samples.ts';

const MANAGERS = [
  { nodeId: 'm1', address: 'a:2377' },
  { nodeId: 'm2', address: 'b:2377' },
];

const unused = (): never => {
  throw new Error('no test asks for logs');
};
const NO_LOGS: LogService = { subscribe: unused, listen: unused, publish: unused };

const NO_ATTACHMENTS: AttachmentClaims = {
  enter: () => undefined,
  exit: () => undefined,
  leave: () => undefined,
  opened: () => undefined,
  closed: () => undefined,
  assigned: () => [],
  unassigned: () => undefined,
  refused: () => undefined,
};

class Scene {
  readonly clock = new VirtualClock();
  readonly managers = new FakeManagers();
  readonly applied: string[] = [];
  private readonly listeners = new Set<(update: StatusUpdate) => void>();
  viewApplied: (networkId: string, version: number) => void = () => undefined;
  readonly agent: Agent;

  constructor(pending: readonly StatusUpdate[] = [], attachments: AttachmentClaims = NO_ATTACHMENTS) {
    this.agent = new Agent(
      {
        clock: this.clock,
        random: seededRandom(1),
        logger: silentLogger,
        dialer: {
          dispatcher: (address) => this.managers.dispatcher(address),
          logs: () => NO_LOGS,
        },
        logs: { serve: () => Promise.resolve() },
        attachments,
        tasks: {
          apply: (delta, full) => this.applied.push(`${full ? 'full' : 'more'} ${describeDelta(delta)}`),
          drained: (ids) => this.applied.push(`drained ${ids.join(' ')}`),
          statuses: () => pending,
          onStatus: (listener) => {
            this.listeners.add(listener);
            return () => this.listeners.delete(listener);
          },
        },
        network: {
          setIdentity: (identity) => this.applied.push(`identity ${identity.overlayIndex}`),
          setView: (view) => this.applied.push(`view ${view.networkId}@${view.version}`),
          removeView: (id) => this.applied.push(`no view ${id}`),
          retainViews: async () => undefined,
          onEncryption: () => () => undefined,
          onApplied: (listener) => {
            this.viewApplied = listener;
            return () => undefined;
          },
        },
      },
      {
        nodeId: 'n1',
        managers: MANAGERS,
        description: SAMPLE_DESCRIPTION,
        address: '10.0.0.1',
        vtepAddress: '10.0.0.1',
      },
    );
  }

  status(number: number, state: StatusUpdate['status']['state']): void {
    const { status } = sampleTask(taskId(number));
    for (const listener of [...this.listeners]) {
      listener({ taskId: taskId(number), status: { ...status, state } });
    }
  }
}

function describeDelta(delta: AssignmentDelta): string {
  const short = (id: string): string => id.replace(/0+$/, '');
  return [
    ...delta.updatedTasks.map((task) => `+${short(task.id)}`),
    ...delta.removedTasks.map((id) => `-${short(id)}`),
  ].join(' ');
}

describe('the agent', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });

  it('follows the word of a manager that does not lead', async () => {
    scene.managers.leader = 'b:2377';
    await scene.agent.start();
    await scene.clock.advance(150);
    expect(scene.managers.transcript).toEqual(['a:2377 refuses', 'b:2377 accepts', 'register']);
    expect(scene.agent.connection()).toMatchObject({ state: 'connected', managerAddress: 'b:2377' });
    await scene.agent.stop();
  });

  it('is back within a second of the next leader, and sends again what was not acknowledged', async () => {
    scene.managers.leader = 'a:2377';
    await scene.agent.start();
    await scene.clock.advance(10);
    scene.status(1, 'preparing');
    scene.status(1, 'running');
    await settle();
    scene.managers.fail();
    await scene.clock.advance(2_000);
    scene.status(2, 'running');
    scene.managers.transcript.length = 0;
    scene.managers.leader = 'b:2377';
    await scene.clock.advance(1_000);
    expect(scene.managers.transcript.filter((line) => !line.endsWith('refuses'))).toEqual([
      'b:2377 accepts',
      'register',
      'status #1: task1 running, task2 running',
    ]);
    await scene.agent.stop();
  });

  it('gives up a manager that does not answer', async () => {
    scene.managers.leader = 'a:2377';
    await scene.agent.start();
    await scene.clock.advance(5_000);
    expect(scene.agent.connection().state).toBe('connected');
    scene.managers.answering = false;
    await scene.clock.advance(2_500);
    expect(scene.agent.connection().state).toBe('connected');
    await scene.clock.advance(1_100);
    expect(scene.managers.transcript.filter((line) => line === 'register')).toHaveLength(2);
    await scene.agent.stop();
  });

  it('takes full sets and increments, and asks for a full set at a gap', async () => {
    scene.managers.leader = 'a:2377';
    await scene.agent.start();
    await scene.clock.advance(10);
    const update = (number: number) =>
      ({ action: 'update', item: { kind: 'task', task: sampleTask(taskId(number)) } }) as const;
    const { managers } = scene;
    managers.tell({
      kind: 'assignments',
      mode: 'full',
      base: 0,
      sequence: 1,
      changes: [update(1), update(2)],
    });
    managers.tell({
      kind: 'assignments',
      mode: 'increment',
      base: 1,
      sequence: 2,
      changes: [update(3), { action: 'remove', kind: 'task', id: taskId(1) }],
    });
    managers.tell({ kind: 'assignments', mode: 'increment', base: 3, sequence: 4, changes: [update(9)] });
    await settle();
    expect(managers.transcript.at(-1)).toBe('resync');
    managers.tell({ kind: 'assignments', mode: 'full', base: 0, sequence: 4, changes: [update(3)] });
    managers.tell({ kind: 'drained', taskIds: ['x'] });
    await settle();
    expect(scene.applied).toEqual([
      'full +task1 +task2',
      'more +task3 -task1',
      'full +task3 -task2',
      'drained x',
    ]);
    await scene.agent.stop();
  });

  it('keeps the managers it is told of, tells the network who it is, and reports applied views', async () => {
    scene.managers.leader = 'a:2377';
    await scene.agent.start();
    await scene.clock.advance(10);
    scene.managers.tell({
      kind: 'session',
      managers: [{ nodeId: 'm3', address: 'c:2377' }],
      desiredRole: 'worker',
      availability: 'active',
      overlayIndex: 7,
      dataPathPort: 4789,
      rootCertPem: '',
    });
    scene.viewApplied('net1', 5);
    await settle();
    expect(scene.agent.knownManagers()).toEqual([{ nodeId: 'm3', address: 'c:2377' }]);
    expect(scene.applied).toEqual(['identity 7']);
    expect(scene.managers.transcript.at(-1)).toBe('views-applied net1@5');
    await scene.agent.stop();
    expect(scene.agent.connection().state).toBe('disconnected');
  });

  it('touches nothing while there is no leader', async () => {
    await scene.agent.start();
    await scene.clock.advance(60_000);
    expect(scene.applied).toEqual([]);
    // Twenty quick tries, then ever longer pauses up to 8 s.
    expect(scene.managers.transcript.length).toBeGreaterThan(20);
    expect(scene.managers.transcript.length).toBeLessThan(45);
    await scene.agent.stop();
  });

  it('hands its tasks over before it leaves: asks, asks the next leader too, and waits until none runs', async () => {
    const pending = [
      { taskId: taskId(1), status: { ...sampleTask(taskId(1)).status, state: 'running' } },
    ] as const;
    const running: StatusUpdate[] = [...pending];
    scene = new Scene(running);
    scene.managers.leader = 'a:2377';
    await scene.agent.start();
    await scene.clock.advance(10);
    let isOver = false;
    const over = scene.agent.handOver().then(() => {
      isOver = true;
    });
    await settle();
    expect(scene.managers.transcript.at(-1)).toBe('leaving');
    scene.managers.fail();
    scene.managers.transcript.length = 0;
    scene.managers.leader = 'b:2377';
    await scene.clock.advance(2_000);
    expect(scene.managers.transcript).toContain('leaving');
    expect(isOver).toBe(false);
    running.length = 0;
    scene.status(1, 'shutdown');
    await over;
    await scene.agent.stop();
  });

  it('does not wait for ever when nobody moves its tasks, nor at all without a session', async () => {
    const status = { ...sampleTask(taskId(1)).status, state: 'running' as const };
    scene = new Scene([{ taskId: taskId(1), status }]);
    await scene.agent.start();
    await scene.agent.handOver();
    scene.managers.leader = 'a:2377';
    await scene.clock.advance(5_000);
    const over = scene.agent.handOver();
    await scene.clock.advance(31_000);
    await over;
    await scene.agent.stop();
  });
});
