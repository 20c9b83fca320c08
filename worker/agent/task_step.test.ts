// Lives of tasks as transcripts: events go in on the left, the work ordered and the states reported come out.
import { describe, expect, it } from 'vitest';
import type { TaskState } from '../../shared/model/task.ts';
import { type TaskAction, type TaskEvent, newMachine, step } from './task_step.ts';

function transcript(desired: TaskState, events: readonly TaskEvent[]): string {
  let machine = newMachine('assigned', desired);
  return events
    .map((event) => {
      const next = step(machine, event);
      machine = next.machine;
      const said = next.actions.map(describeAction).join(', ');
      return `${event.kind}${'desired' in event ? `(${event.desired})` : ''} -> ${said === '' ? '-' : said} [${machine.stage}]`;
    })
    .join('\n');
}

function describeAction(action: TaskAction): string {
  return action.kind === 'report'
    ? `report ${action.state}${action.error === '' ? '' : ` "${action.error}"`}`
    : action.kind;
}

const ASSIGNED: TaskEvent = { kind: 'assigned', desired: 'running' };
const SHUTDOWN: TaskEvent = { kind: 'assigned', desired: 'shutdown' };
const STARTED: TaskEvent = { kind: 'started', checksHealth: false };
const exited = (code: number, oomKilled = false): TaskEvent => ({
  kind: 'exited',
  code,
  oomKilled,
  error: '',
});

describe('a task', () => {
  it('runs, drains, stops, and is forgotten', () => {
    const life: readonly TaskEvent[] = [
      ASSIGNED,
      { kind: 'prepared' },
      STARTED,
      SHUTDOWN,
      { kind: 'drained' },
      { kind: 'grace-over' },
      exited(137),
      { kind: 'detached' },
      { kind: 'released' },
      { kind: 'unassigned' },
    ];
    expect(transcript('running', life)).toBe(
      [
        'assigned(running) -> report accepted, report preparing, prepare [preparing]',
        'prepared -> report ready, report starting, start [starting]',
        'started -> report running [running]',
        'assigned(shutdown) -> await-drain [draining]',
        'drained -> stop [stopping]',
        'grace-over -> kill [stopping]',
        'exited -> detach [detaching]',
        'detached -> report shutdown, release [releasing]',
        'released -> - [ended]',
        'unassigned -> forget [ended]',
      ].join('\n'),
    );
  });

  it('waits at ready until it is to run', () => {
    const life: readonly TaskEvent[] = [
      { kind: 'assigned', desired: 'ready' },
      { kind: 'prepared' },
      ASSIGNED,
    ];
    expect(transcript('ready', life)).toBe(
      [
        'assigned(ready) -> report accepted, report preparing, prepare [preparing]',
        'prepared -> report ready [prepared]',
        'assigned(running) -> report starting, start [starting]',
      ].join('\n'),
    );
  });

  it.each([
    [exited(0), 'report complete'],
    [exited(3), 'report failed "task: non-zero exit (3)"'],
    [
      exited(137, true),
      'report failed "task: non-zero exit (137): out of memory: killed by the kernel (OOM)"',
    ],
  ])('ends by itself: %j', (exit, said) => {
    const life = transcript('running', [ASSIGNED, { kind: 'prepared' }, STARTED, exit, { kind: 'detached' }]);
    expect(life).toContain(`detached -> ${said}, release [releasing]`);
  });

  it('is rejected when it cannot be prepared', () => {
    const error = 'No such image: nothing:latest';
    expect(
      transcript('running', [ASSIGNED, { kind: 'prepare-failed', error }, { kind: 'detached' }]),
    ).toContain(`report rejected "${error}"`);
  });

  it('becomes running only when healthy, and fails when it is not any more', () => {
    const life: readonly TaskEvent[] = [
      ASSIGNED,
      { kind: 'prepared' },
      { kind: 'started', checksHealth: true },
      { kind: 'healthy' },
      { kind: 'unhealthy' },
      exited(143),
      { kind: 'detached' },
    ];
    expect(transcript('running', life).split('\n').slice(2).join('\n')).toBe(
      [
        'started -> check-health [checking]',
        'healthy -> report running [running]',
        'unhealthy -> report failed "unhealthy container", stop [stopping]',
        'exited -> detach [detaching]',
        'detached -> release [releasing]',
      ].join('\n'),
    );
  });

  it.each<[string, readonly TaskEvent[], string]>([
    ['while preparing', [], 'abort-prepare [preparing]'],
    ['while ready', [{ kind: 'prepared' }], 'detach [detaching]'],
    ['while running', [{ kind: 'prepared' }, STARTED], 'await-drain [draining]'],
  ])('removed %s', (_when, before, said) => {
    const desired = before.length === 1 ? 'ready' : 'running';
    const life = transcript(desired, [{ kind: 'assigned', desired }, ...before, { kind: 'unassigned' }]);
    expect(life.split('\n').at(-1)).toBe(`unassigned -> ${said}`);
  });

  it('that ends while being started is stopped as soon as it runs', () => {
    const life: readonly TaskEvent[] = [ASSIGNED, { kind: 'prepared' }, SHUTDOWN, STARTED, exited(0)];
    expect(transcript('running', life).split('\n').slice(2).join('\n')).toBe(
      [
        'assigned(shutdown) -> - [starting]',
        'started -> stop [stopping]',
        'exited -> detach [detaching]',
      ].join('\n'),
    );
  });

  it('never reports a second end', () => {
    const life: readonly TaskEvent[] = [
      ASSIGNED,
      { kind: 'prepared' },
      STARTED,
      exited(1),
      { kind: 'detached' },
      { kind: 'released' },
      SHUTDOWN,
      { kind: 'unassigned' },
    ];
    expect(transcript('running', life).match(/report (complete|failed|shutdown|rejected)/g)).toHaveLength(1);
  });
});
