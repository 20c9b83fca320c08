// Docker's health check rules as a machine: which probe is due when, and what its result means. Pure: the
// caller runs the probes and keeps the time.
import type { Healthcheck } from '../../shared/model/container.ts';
import type { ImageConfig } from '../image/api.ts';

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_START_INTERVAL_MS = 5_000;
const DEFAULT_RETRIES = 3;

export interface HealthPlan {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  /** Pause between probes during the start period. */
  readonly startIntervalMs: number;
  readonly retries: number;
}

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

export interface HealthState {
  readonly status: HealthStatus;
  readonly failingStreak: number;
  /** True once one probe succeeded: the start period is over then. */
  readonly proven: boolean;
}

export const INITIAL_HEALTH: HealthState = { status: 'starting', failingStreak: 0, proven: false };

/** What to probe, from the service's check over the image's; undefined when there is none. */
export function healthPlan(
  own: Healthcheck | undefined,
  image: ImageConfig['healthcheck'],
): HealthPlan | undefined {
  const test = own !== undefined && own.test.length > 0 ? own.test : (image?.test ?? []);
  const command = probeCommand(test);
  if (command === undefined) {
    return undefined;
  }
  const first = (...values: readonly (number | undefined)[]): number =>
    values.find((value) => value !== undefined && value > 0) ?? 0;
  return {
    command,
    intervalMs: first(own?.intervalMs, image?.intervalMs, DEFAULT_INTERVAL_MS),
    timeoutMs: first(own?.timeoutMs, image?.timeoutMs, DEFAULT_TIMEOUT_MS),
    startPeriodMs: first(own?.startPeriodMs, image?.startPeriodMs),
    startIntervalMs: first(own?.startIntervalMs, DEFAULT_START_INTERVAL_MS),
    retries: first(own?.retries, image?.retries, DEFAULT_RETRIES),
  };
}

/** @param sinceStartMs age of the container when the probe ended */
export function afterProbe(
  plan: HealthPlan,
  state: HealthState,
  succeeded: boolean,
  sinceStartMs: number,
): HealthState {
  if (succeeded) {
    return { status: 'healthy', failingStreak: 0, proven: true };
  }
  if (!state.proven && sinceStartMs < plan.startPeriodMs) {
    // Failures while it starts do not count.
    return state;
  }
  const failingStreak = state.failingStreak + 1;
  return { ...state, failingStreak, status: failingStreak >= plan.retries ? 'unhealthy' : state.status };
}

/** Pause before the next probe. */
export function probeDelay(plan: HealthPlan, state: HealthState, sinceStartMs: number): number {
  const starting = !state.proven && sinceStartMs < plan.startPeriodMs;
  return starting ? Math.min(plan.startIntervalMs, plan.intervalMs) : plan.intervalMs;
}

function probeCommand(test: readonly string[]): readonly string[] | undefined {
  const [kind, ...rest] = test;
  switch (kind) {
    case undefined:
    case 'NONE':
      return undefined;
    case 'CMD':
      return rest.length === 0 ? undefined : rest;
    case 'CMD-SHELL':
      return ['/bin/sh', '-c', rest.join(' ')];
    default:
      return test;
  }
}
