// Runs a container's health probes for as long as it lives and tells when its health changes.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { type HealthPlan, type HealthStatus, INITIAL_HEALTH, afterProbe, probeDelay } from './health.ts';
import type { ContainerRuntime } from './runtime.ts';

export interface HealthDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: ContainerRuntime;
}

/**
 * Probes until `signal` aborts, which ends a probe under way. The first probe comes one interval after the start, as Docker's.
 * @param onChange told each new status with the last probe's output
 */
export async function monitorHealth(
  dependencies: HealthDependencies,
  id: string,
  plan: HealthPlan,
  startedAt: number,
  onChange: (status: HealthStatus, output: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, runtime } = dependencies;
  const run = runtime.runDirectory(id);
  const [processFile, pidFile] = [join(run, 'probe.json'), join(run, 'probe.pid')];
  await writeProbe(runtime.bundleDirectory(id), processFile, plan.command);
  let state = INITIAL_HEALTH;
  while (!signal.aborted) {
    await clock.sleep(probeDelay(plan, state, clock.now() - startedAt), signal).catch(() => undefined);
    if (signal.aborted) {
      return;
    }
    let succeeded = false;
    let output = '';
    try {
      const result = await runtime.exec(id, { processFile, pidFile, timeoutMs: plan.timeoutMs }, signal);
      succeeded = result.exitCode === 0 && !result.timedOut;
      output = result.timedOut ? `Health check exceeded timeout (${plan.timeoutMs} ms)` : result.output;
      if (result.timedOut) {
        await endProbe(pidFile);
      }
    } catch (error) {
      output = errorMessage(error);
      logger.warn({ container: id, error: output }, 'a health probe could not run');
    }
    const next = afterProbe(plan, state, succeeded, clock.now() - startedAt);
    if (next.status !== state.status && !signal.aborted) {
      onChange(next.status, output);
    }
    state = next;
  }
}

/** The container's own process with another command and no terminal. */
async function writeProbe(bundle: string, path: string, command: readonly string[]): Promise<void> {
  const config: unknown = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8'));
  const process_: unknown =
    typeof config === 'object' && config !== null && 'process' in config ? config.process : undefined;
  await writeFile(path, JSON.stringify({ ...Object(process_), args: command, terminal: false }), {
    mode: 0o600,
  });
}

/** The runtime's client was killed already; its process in the container is still there. */
async function endProbe(pidFile: string): Promise<void> {
  try {
    const pid = Number((await readFile(pidFile, 'utf8')).trim());
    if (pid > 1) {
      process.kill(pid, 'SIGKILL');
    }
  } catch {
    // It ended by itself, or never began.
  } finally {
    await rm(pidFile, { force: true });
  }
}
