// What a plain container has said, all its runs together, as far as its log goes back.
import type { LogLine } from '../runtime/cri_log.ts';
import { type LogReadOptions, readLog } from '../runtime/log_reader.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { ContainerRecord } from './api.ts';
import { noLog } from './errors.ts';

/** @throws SkeinError `no-log` at once */
export function readContainerLog(
  runtime: ContainerRuntime,
  { id, config }: ContainerRecord,
  options: LogReadOptions,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  if (config.logDriver?.name === 'none') {
    throw noLog();
  }
  return lines(runtime, id, options, signal);
}

async function* lines(
  runtime: ContainerRuntime,
  id: string,
  options: LogReadOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const files = runtime.logFiles(id);
  if (files !== undefined) {
    const ended = runtime.wait(id, signal);
    ended.catch(() => undefined);
    yield* readLog(files, options, ended, signal);
  }
}
