// A container's end: brought about, waited for with a limit, or found to be long past. Knows nothing of what is done about one that does not end.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ContainerExit } from '../runtime/api.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { ContainerRecord } from './api.ts';
import { killWithoutEffect } from './errors.ts';

/** Docker's time between stop signal and SIGKILL. */
const DEFAULT_GRACE_MS = 10_000;
/** `--time -1` waits without end in Docker; here a day. */
const LONGEST_GRACE_MS = 24 * 3600 * 1000;
/** After SIGKILL a container is gone in milliseconds unless the kernel is stuck in I/O. */
const KILL_WAIT_MS = 10_000;

/** Of a container of which nothing was found when the daemon started; what a shell shows for SIGKILL. */
export const GONE: ContainerExit = {
  code: 137,
  oomKilled: false,
  error: 'the container is gone (the host restarted)',
  at: 0,
};

export interface EndingDependencies {
  readonly clock: Clock;
  readonly runtime: ContainerRuntime;
}

/**
 * Sends the stop signal, and SIGKILL when the grace period is over.
 * @param options.graceSeconds asked for; negative: no limit but a day; undefined: the container's own
 * @throws SkeinError `kill-without-effect`, or the signal's reason
 */
export async function endRun(
  on: EndingDependencies,
  { id, config }: Pick<ContainerRecord, 'id' | 'config'>,
  options: {
    readonly graceSeconds: number | undefined;
    readonly onKill: () => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { graceSeconds, onKill, signal } = options;
  const own = config.spec.stopGracePeriodMs ?? DEFAULT_GRACE_MS;
  const asked = graceSeconds === undefined ? own : graceSeconds * 1000;
  await on.runtime.signalStop(id);
  const limitMs = asked < 0 ? LONGEST_GRACE_MS : Math.min(asked, LONGEST_GRACE_MS);
  if (!(await endsWithin(on, id, limitMs, signal))) {
    await on.runtime.kill(id, 'KILL');
    onKill();
    await mustEnd(on, id, signal);
  }
}

/** After SIGKILL. */
export async function mustEnd(on: EndingDependencies, id: string, signal: AbortSignal): Promise<void> {
  if (!(await endsWithin(on, id, KILL_WAIT_MS, signal))) {
    throw killWithoutEffect(id, KILL_WAIT_MS);
  }
}

/** @param signal aborts the wait. @throws its reason */
async function endsWithin(
  on: EndingDependencies,
  id: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = new ChildAbort(signal);
  const timer = on.clock.after(limitMs, () => limit.abort());
  try {
    await on.runtime.wait(id, limit.signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    timer.cancel();
    limit.release();
  }
}
