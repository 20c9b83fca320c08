// The life of one task on its node as a pure machine: what happened comes in, the next state and the work
// to do come out. The runner does the work and feeds the results back; nothing here waits or touches anything.
import { type TaskState, isTerminal, taskStateRank } from '../../shared/model/task.ts';

/** What is under way now; the reported state says how far the task has come. */
export type Stage =
  | 'idle'
  | 'preparing'
  | 'prepared'
  | 'starting'
  | 'checking'
  | 'running'
  | 'draining'
  | 'stopping'
  | 'detaching'
  | 'releasing'
  | 'ended';

export interface TaskMachine {
  readonly stage: Stage;
  /** Last state reported, or the one it was assigned in. */
  readonly state: TaskState;
  readonly desired: TaskState;
  /** No longer in the assignments: end it and forget it. */
  readonly removed: boolean;
  /** What to report when the network is released; undefined when it was reported already. */
  readonly outcome: Report | undefined;
}

export interface Report {
  readonly state: TaskState;
  readonly message: string;
  readonly error: string;
}

export type TaskEvent =
  | { readonly kind: 'assigned'; readonly desired: TaskState }
  | { readonly kind: 'unassigned' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'prepare-failed'; readonly error: string }
  | { readonly kind: 'started'; readonly checksHealth: boolean }
  | { readonly kind: 'start-failed'; readonly error: string }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy' }
  | { readonly kind: 'exited'; readonly code: number; readonly oomKilled: boolean; readonly error: string }
  | { readonly kind: 'drained' }
  | { readonly kind: 'grace-over' }
  | { readonly kind: 'detached' }
  | { readonly kind: 'released' };

export type TaskAction =
  | ({ readonly kind: 'report' } & Report)
  | {
      readonly kind:
        | 'prepare'
        | 'abort-prepare'
        | 'start'
        | 'check-health'
        | 'await-drain'
        | 'stop'
        | 'kill'
        /** Free container processes and network, so that addresses and ports can be used again. */
        | 'detach'
        /** Free what is left: mounts, image hold. */
        | 'release'
        | 'forget';
    };

export interface Step {
  readonly machine: TaskMachine;
  readonly actions: readonly TaskAction[];
}

const SHUTDOWN: Report = { state: 'shutdown', message: 'shutdown', error: '' };

export function newMachine(state: TaskState, desired: TaskState): TaskMachine {
  return { stage: 'idle', state, desired, removed: false, outcome: undefined };
}

/** One event; what does not fit the stage changes nothing (it is late news of work given up). */
export function step(machine: TaskMachine, event: TaskEvent): Step {
  switch (event.kind) {
    case 'assigned':
      // A task is never called back to life: desired states only move forward.
      return steer({ ...machine, desired: later(machine.desired, event.desired) });
    case 'unassigned':
      return steer({ ...machine, removed: true, desired: 'remove' });
    case 'prepared':
      return machine.stage === 'preparing' ? afterPrepare(machine) : stay(machine);
    case 'prepare-failed':
      return machine.stage === 'preparing'
        ? wantsEnd(machine)
          ? detach(machine, SHUTDOWN)
          : detach(machine, { state: 'rejected', message: 'preparing', error: event.error })
        : stay(machine);
    case 'started':
      return machine.stage === 'starting' ? afterStart(machine, event.checksHealth) : stay(machine);
    case 'start-failed':
      return machine.stage === 'starting'
        ? detach(
            machine,
            wantsEnd(machine) ? SHUTDOWN : { state: 'failed', message: 'starting', error: event.error },
          )
        : stay(machine);
    case 'healthy':
      return machine.stage === 'checking' ? becomeRunning(machine) : stay(machine);
    case 'unhealthy':
      return machine.stage === 'checking' || machine.stage === 'running'
        ? failUnhealthy(machine)
        : stay(machine);
    case 'exited':
      return afterExit(machine, event);
    case 'drained':
      return machine.stage === 'draining' ? stop(machine) : stay(machine);
    case 'grace-over':
      return machine.stage === 'stopping' ? { machine, actions: [{ kind: 'kill' }] } : stay(machine);
    case 'detached':
      return machine.stage === 'detaching' ? afterDetach(machine) : stay(machine);
    case 'released':
      return machine.stage === 'releasing' ? settle({ ...machine, stage: 'ended' }) : stay(machine);
  }
}

/** The error of an exit, in Swarm's words; empty for a clean one. */
export function exitError(code: number, oomKilled: boolean, error: string): string {
  if (code === 0 && error === '') {
    return '';
  }
  const reasons = [oomKilled ? 'out of memory: killed by the kernel (OOM)' : '', error].filter(
    (r) => r !== '',
  );
  return [`task: non-zero exit (${code})`, ...reasons].join(': ');
}

/** The desired state or the assignment changed: go on from where the task is. */
function steer(machine: TaskMachine): Step {
  const end = wantsEnd(machine);
  switch (machine.stage) {
    case 'idle':
      return end ? detach(machine, SHUTDOWN) : begin(machine);
    case 'preparing':
      return end ? { machine, actions: [{ kind: 'abort-prepare' }] } : stay(machine);
    case 'prepared':
      return end ? detach(machine, SHUTDOWN) : startIfWanted(machine);
    case 'checking':
      // It took no traffic yet: there is nothing to drain.
      return end ? stop(machine) : stay(machine);
    case 'running':
      return end
        ? { machine: { ...machine, stage: 'draining' }, actions: [{ kind: 'await-drain' }] }
        : stay(machine);
    case 'ended':
      return settle(machine);
    case 'starting':
    case 'draining':
    case 'stopping':
    case 'detaching':
    case 'releasing':
      return stay(machine);
  }
}

function begin(machine: TaskMachine): Step {
  if (isTerminal(machine.state)) {
    return detach(machine, undefined);
  }
  return {
    machine: { ...machine, stage: 'preparing', state: 'preparing' },
    actions: [report('accepted', 'accepted'), report('preparing', 'preparing'), { kind: 'prepare' }],
  };
}

function afterPrepare(machine: TaskMachine): Step {
  if (wantsEnd(machine)) {
    return detach(machine, SHUTDOWN);
  }
  const next = startIfWanted({ ...machine, stage: 'prepared', state: 'ready' });
  return { machine: next.machine, actions: [report('ready', 'prepared'), ...next.actions] };
}

function startIfWanted(machine: TaskMachine): Step {
  return taskStateRank(machine.desired) < taskStateRank('running')
    ? stay(machine)
    : {
        machine: { ...machine, stage: 'starting', state: 'starting' },
        actions: [report('starting', 'starting'), { kind: 'start' }],
      };
}

function afterStart(machine: TaskMachine, checksHealth: boolean): Step {
  if (wantsEnd(machine)) {
    return stop(machine);
  }
  return checksHealth
    ? { machine: { ...machine, stage: 'checking' }, actions: [{ kind: 'check-health' }] }
    : becomeRunning(machine);
}

function becomeRunning(machine: TaskMachine): Step {
  return {
    machine: { ...machine, stage: 'running', state: 'running' },
    actions: [report('running', 'started')],
  };
}

/** Reported at once, so that traffic leaves it and its replacement can begin; then it is stopped. */
function failUnhealthy(machine: TaskMachine): Step {
  return {
    machine: { ...machine, stage: 'stopping', state: 'failed', outcome: undefined },
    actions: [report('failed', 'started', 'unhealthy container'), { kind: 'stop' }],
  };
}

function stop(machine: TaskMachine): Step {
  return { machine: { ...machine, stage: 'stopping', outcome: SHUTDOWN }, actions: [{ kind: 'stop' }] };
}

function afterExit(machine: TaskMachine, exit: Extract<TaskEvent, { kind: 'exited' }>): Step {
  switch (machine.stage) {
    case 'starting':
    case 'checking':
    case 'running': {
      const error = exitError(exit.code, exit.oomKilled, exit.error);
      return detach(
        machine,
        wantsEnd(machine)
          ? SHUTDOWN
          : error === ''
            ? { state: 'complete', message: 'finished', error: '' }
            : { state: 'failed', message: 'started', error },
      );
    }
    case 'draining':
      return detach(machine, SHUTDOWN);
    case 'stopping':
      return detach(machine, machine.outcome);
    default:
      return stay(machine);
  }
}

function detach(machine: TaskMachine, outcome: Report | undefined): Step {
  return { machine: { ...machine, stage: 'detaching', outcome }, actions: [{ kind: 'detach' }] };
}

function afterDetach(machine: TaskMachine): Step {
  const { outcome } = machine;
  const fresh = outcome !== undefined && !isTerminal(machine.state);
  return {
    machine: {
      ...machine,
      stage: 'releasing',
      state: fresh ? outcome.state : machine.state,
      outcome: undefined,
    },
    actions: [...(fresh ? [{ kind: 'report', ...outcome } as const] : []), { kind: 'release' }],
  };
}

function settle(machine: TaskMachine): Step {
  return { machine, actions: machine.removed ? [{ kind: 'forget' }] : [] };
}

function wantsEnd(machine: TaskMachine): boolean {
  return machine.removed || taskStateRank(machine.desired) > taskStateRank('running');
}

function later(one: TaskState, other: TaskState): TaskState {
  return taskStateRank(other) > taskStateRank(one) ? other : one;
}

function report(state: TaskState, message: string, error = ''): TaskAction {
  return { kind: 'report', state, message, error };
}

function stay(machine: TaskMachine): Step {
  return { machine, actions: [] };
}
