// Runs programs for the cluster tests: asynchronously, each with a time-out, output collected.
// It knows nothing of the lab.
import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Exit code; 128 + signal number is not decoded: a killed program has code -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly timeoutMs?: number;
  readonly input?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of throwing at an exit code other than 0. */
  readonly mayFail?: boolean;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** @throws Error with command and output when the program fails (unless it may) or outlives its time-out */
export function run(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const shown = `${file} ${args.join(' ')}`;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    // A program that ends without reading its input breaks the pipe: its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      const code = status ?? -1;
      if (late) {
        reject(new Error(`${shown}: still running after ${timeoutMs} ms\n${stdout}${stderr}`));
      } else if (code !== 0 && options.mayFail !== true) {
        reject(new Error(`${shown}: exit code ${code}\n${stdout}${stderr}`));
      } else {
        resolve({ code, stdout, stderr });
      }
    });
  });
}
