// What a plain container has said, all its runs together, as far as its log goes back.
import type { LogLine } from '../runtime/cri_log.ts';
import { type LogReadOptions, readLog } from '../runtime/log_reader.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { ContainerRecord } from './api.ts';
import { noLog } from './errors.ts';

/**
 * @param ended settles when the run at hand is over, which ends following
 * @throws SkeinError `no-log` at once
 */
export function readContainerLog(
  runtime: ContainerRuntime,
  { id, config }: ContainerRecord,
  ended: Promise<unknown>,
  options: LogReadOptions,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  if (config.logDriver?.name === 'none') {
    throw noLog();
  }
  // Nobody may be there to hear that it was cut short.
  ended.catch(() => undefined);
  const files = runtime.logFiles(id);
  return files === undefined ? nothing() : readLog(files, options, ended, signal);
}

/** It has never run. */
async function* nothing(): AsyncGenerator<LogLine> {
  // No line.
}
