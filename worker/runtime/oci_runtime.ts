// Calls of the OCI runtime program (runc or crun): how its command line looks, with a time-out on each
// call. What a container is and when to call is runtime.ts's.
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { type SpawnedProcess, spawnProcess } from '../kernel/spawn.ts';
import type { ExecResult, ProbeCommand } from './api.ts';
import { runtimeFailed } from './errors.ts';
import type { RuntimePrograms } from './host_facts.ts';

/** One call takes 5-20 ms; a machine at full load may need a thousand times that, not more. */
const CALL_TIMEOUT_MS = 30_000;
/** Docker keeps as much of a probe's output. */
export const EXEC_OUTPUT_MAX_BYTES = 4096;
const HIDE_UNIFIED = 'umount /sys/fs/cgroup/unified && exec "$0" "$@"';
/** The runtimes need no environment but a PATH for their own helpers. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

export class OciRuntime {
  private readonly programs: RuntimePrograms;
  private readonly clock: Clock;
  private readonly stateRoot: string;

  /** @param options.stateRoot where the runtime keeps its own state (`--root`); on a tmpfs */
  constructor(
    dependencies: { readonly clock: Clock; readonly programs: RuntimePrograms },
    options: { readonly stateRoot: string },
  ) {
    this.clock = dependencies.clock;
    this.programs = dependencies.programs;
    this.stateRoot = options.stateRoot;
  }

  /** What conmon must run, up to the arguments it adds itself. */
  prefix(): CommandLine {
    const { hideUnified, path } = this.programs;
    const global = ['--root', this.stateRoot];
    return hideUnified === undefined
      ? { file: path, args: global }
      : { file: hideUnified.unshare, args: ['-m', hideUnified.shell, '-c', HIDE_UNIFIED, path, ...global] };
  }

  async start(id: string): Promise<void> {
    // Starting touches no cgroup, so crun does not look at their layout: no namespace is needed.
    await this.expect('start', { file: this.programs.path, args: ['--root', this.stateRoot, 'start', id] });
  }

  /** Ends what still runs and forgets the container; one that is not there is no error. */
  async delete(id: string): Promise<void> {
    const line = { file: this.programs.path, args: ['--root', this.stateRoot, 'delete', '--force', id] };
    const result = await this.call(line, CALL_TIMEOUT_MS);
    if (result.exitCode !== 0 && !/does not exist|No such file/i.test(result.output)) {
      throw runtimeFailed(`${this.programs.name} delete`, result.output);
    }
  }

  /** Runs one more process in a container, at most until aborted. */
  async exec(id: string, command: ProbeCommand, signal: AbortSignal): Promise<ExecResult> {
    const { file, args } = this.prefix();
    const probe = ['exec', '--process', command.processFile, '--pid-file', command.pidFile, id];
    return await this.call({ file, args: [...args, ...probe] }, command.timeoutMs, signal);
  }

  private async expect(verb: string, line: CommandLine): Promise<void> {
    const result = await this.call(line, CALL_TIMEOUT_MS);
    if (result.exitCode !== 0 || result.timedOut) {
      throw runtimeFailed(
        `${this.programs.name} ${verb}`,
        result.timedOut ? `no answer within ${CALL_TIMEOUT_MS} ms` : result.output,
      );
    }
  }

  private async call(line: CommandLine, timeoutMs: number, signal?: AbortSignal): Promise<ExecResult> {
    const child = begin(line);
    const pipes = [...child.pipes.values()];
    let output = '';
    let timedOut = false;
    for (const pipe of pipes) {
      pipe.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(0, EXEC_OUTPUT_MAX_BYTES);
      });
    }
    const end = (): void => {
      timedOut = true;
      child.kill('SIGKILL');
      // A process left behind in the container may hold the pipes: do not wait for their end.
      for (const pipe of pipes) {
        pipe.destroy();
      }
    };
    const timer = this.clock.after(timeoutMs, end);
    signal?.addEventListener('abort', end, { once: true });
    try {
      const [status] = await Promise.all([child.exited, ...pipes.map(closed)]);
      return { exitCode: status.code ?? -1, output, timedOut };
    } catch (error) {
      throw runtimeFailed(`${line.file}'s output`, errorMessage(error), error);
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', end);
    }
  }
}

function begin({ file, args }: CommandLine): SpawnedProcess {
  try {
    return spawnProcess({ file, args, env: ENVIRONMENT, readFrom: [1, 2] });
  } catch (error) {
    throw runtimeFailed(`cannot run ${file}`, errorMessage(error), error);
  }
}

function closed(pipe: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    pipe.once('error', reject);
    pipe.once('close', () => resolve());
  });
}
