// Whether a container that has ended is started again, and when: Docker's rules. Pure.
import type { ContainerRestartPolicy } from './api.ts';

/** Docker's pauses: the first, doubled with each further end in a row, up to the last. */
const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 60_000;
/** A container that ran for so long begins with the first pause anew. */
const STEADY_MS = 10_000;

export interface EndedRun {
  readonly exitCode: number;
  readonly stoppedByUser: boolean;
  /** Times that the policy has started it. */
  readonly restartCount: number;
  readonly ranMs: number;
  /** Pause before this run; 0: somebody started it. */
  readonly lastDelayMs: number;
}

/** The pause before it is started again, in ms; undefined: it stays ended. */
export function restartDelay(policy: ContainerRestartPolicy, run: EndedRun): number | undefined {
  if (run.stoppedByUser || !wants(policy, run)) {
    return undefined;
  }
  return run.lastDelayMs === 0 || run.ranMs >= STEADY_MS
    ? FIRST_DELAY_MS
    : Math.min(run.lastDelayMs * 2, LAST_DELAY_MS);
}

/**
 * Whether it is started when the daemon starts.
 * @param run the last one; of a container that was never started there is none, and it is not
 */
export function startsWithDaemon(
  policy: ContainerRestartPolicy,
  run: Pick<EndedRun, 'exitCode' | 'stoppedByUser' | 'restartCount'>,
): boolean {
  return policy.name === 'always' || (!run.stoppedByUser && wants(policy, run));
}

function wants(
  { name, maximumRetryCount }: ContainerRestartPolicy,
  { exitCode, restartCount }: Pick<EndedRun, 'exitCode' | 'restartCount'>,
): boolean {
  switch (name) {
    case 'no':
      return false;
    case 'on-failure':
      return exitCode !== 0 && (maximumRetryCount === 0 || restartCount < maximumRetryCount);
    case 'always':
    case 'unless-stopped':
      return true;
  }
}
