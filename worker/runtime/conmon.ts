// Starts conmon, the monitor that each container has: it creates the container through the OCI runtime,
// writes its log and exit code, and outlives the daemon. Speaks conmon's sync pipe: one line of JSON with
// the container's pid, or -1 and the runtime's message.
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { hasErrno } from '../kernel/errors.ts';
import { type SpawnedProcess, spawnProcess } from '../kernel/spawn.ts';
import { runtimeFailed, runtimeMissing } from './errors.ts';
import type { CommandLine } from './oci_runtime.ts';

/** conmon answers when the runtime's `create` ends; under full load that is seconds, never a minute. */
const CREATE_TIMEOUT_MS = 60_000;
/** The answer is one short line; a runtime's message is cut by conmon itself at 8 KiB. */
const ANSWER_MAX_BYTES = 64 * 1024;
const SYNC_FD = 3;
/** The first of those that conmon keeps for the next daemon. */
const KEPT_FD = 4;

export interface MonitorRequest {
  readonly id: string;
  readonly bundle: string;
  readonly runtime: CommandLine;
  readonly pidFile: string;
  readonly monitorPidFile: string;
  /** Absent: output goes nowhere. */
  readonly logPath: string | undefined;
  /** conmon starts its log file anew beyond this: a backstop for when no daemon rotates. */
  readonly logBytesMax: number;
  readonly exitDirectory: string;
  readonly persistDirectory: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  /** The first client that goes does not close it. */
  readonly leaveStdinOpen: boolean;
  /** Descriptors of this process that conmon keeps open for as long as the container lives. */
  readonly keep: readonly number[];
}

/** The numbers, in conmon, of so many descriptors that it was given to keep. */
export function keptDescriptors(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => KEPT_FD + at);
}

/**
 * @returns pid of the container's init as this daemon's pid namespace sees it
 * @throws SkeinError `runtime-failed` with the runtime's own message, `runtime-missing`
 */
export async function createWithMonitor(
  dependencies: { readonly clock: Clock; readonly conmon: string },
  request: MonitorRequest,
): Promise<number> {
  const child = begin(dependencies.conmon, request);
  const pipe = child.pipes.get(SYNC_FD);
  if (pipe === undefined) {
    throw runtimeFailed('conmon', 'no sync pipe');
  }
  const answer = await readAnswer(dependencies.clock, child, pipe);
  const pid = parseAnswer(answer);
  if (typeof pid === 'string') {
    throw runtimeFailed('cannot create the container', pid);
  }
  return pid;
}

/** The arguments in conmon's order; exported for the test that pins them. */
export function monitorArguments(request: MonitorRequest): readonly string[] {
  const flags: string[] = ['--api-version', '1', '--full-attach', '--no-sync-log', '--log-level', 'error'];
  for (const argument of request.runtime.args) {
    flags.push('--runtime-arg', argument);
  }
  flags.push('-c', request.id, '-u', request.id, '-n', request.id);
  flags.push('-r', request.runtime.file, '-b', request.bundle);
  flags.push('-p', request.pidFile, '-P', request.monitorPidFile);
  if (request.logPath === undefined) {
    flags.push('-l', 'none');
  } else {
    flags.push('-l', `k8s-file:${request.logPath}`, '--log-size-max', String(request.logBytesMax));
  }
  flags.push('--exit-dir', request.exitDirectory, '--persist-dir', request.persistDirectory);
  if (request.terminal) {
    flags.push('-t');
  }
  if (request.stdin) {
    flags.push('-i', ...(request.leaveStdinOpen ? ['--leave-stdin-open'] : []));
  }
  return flags;
}

/** The pid, or the failure's message. */
export function parseAnswer(line: string): number | string {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return line === '' ? 'conmon ended without an answer' : `conmon answered ${JSON.stringify(line)}`;
  }
  if (typeof answer !== 'object' || answer === null) {
    return `conmon answered ${JSON.stringify(answer)}`;
  }
  const fields: Record<string, unknown> = { ...answer };
  const pid = fields['data'] ?? fields['pid'];
  if (typeof pid === 'number' && pid > 0) {
    return pid;
  }
  const message = fields['message'];
  return typeof message === 'string' && message !== ''
    ? message.trim()
    : `the runtime failed (${String(pid)})`;
}

function begin(conmon: string, request: MonitorRequest): SpawnedProcess {
  try {
    return spawnProcess({
      file: conmon,
      args: monitorArguments(request),
      env: { _OCI_SYNCPIPE: String(SYNC_FD), PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: request.bundle,
      readFrom: [SYNC_FD],
      give: new Map(request.keep.map((fd, at) => [KEPT_FD + at, fd])),
    });
  } catch (error) {
    throw hasErrno(error, 'ENOENT')
      ? runtimeMissing('conmon', 'conmon')
      : runtimeFailed('conmon', errorMessage(error), error);
  }
}

function readAnswer(clock: Clock, child: SpawnedProcess, pipe: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (settle: () => void): void => {
      timer.cancel();
      pipe.destroy();
      settle();
    };
    const timer = clock.after(CREATE_TIMEOUT_MS, () => {
      child.kill('SIGKILL');
      finish(() => reject(runtimeFailed('conmon', `no answer within ${CREATE_TIMEOUT_MS} ms`)));
    });
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\n');
      if (end >= 0 || text.length > ANSWER_MAX_BYTES) {
        finish(() => resolve(end >= 0 ? text.slice(0, end) : text));
      }
    });
    pipe.once('close', () => finish(() => resolve(text.trim())));
    pipe.once('error', (error) => finish(() => reject(runtimeFailed('conmon', error.message, error))));
  });
}
