// The unmodified docker commands of this machine, run against a socket. Which there are is found out here:
// the one in PATH, and those that deploy/prepare.sh --test unpacked (Debian's docker.io, its client alone).
import { type ChildProcessByStdio, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';

/** Where deploy/prepare.sh --test keeps clients: docker-<version>/docker. */
const CACHE = '/var/cache/skein-test';
/** No command of the tests takes longer, in ms. */
const COMMAND_MS = 90_000;
/** The most that a command may print, in bytes: an image that is saved to standard output. */
const OUTPUT_BYTES = 64 * 1024 * 1024;

export interface DockerClient {
  readonly path: string;
  /** As it tells it, e.g. `28.2.2`. */
  readonly version: string;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

/** Every docker command found, each version once. */
export function dockerClients(): readonly DockerClient[] {
  const inPath = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'docker'));
  const cached = existsSync(CACHE)
    ? readdirSync(CACHE)
        .filter((name) => name.startsWith('docker-'))
        .map((name) => join(CACHE, name, 'docker'))
    : [];
  const found = new Map<string, DockerClient>();
  for (const path of [...inPath, ...cached].filter((candidate) => existsSync(candidate))) {
    const told = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: COMMAND_MS });
    const version = /version ([\d.]+)/.exec(told)?.[1];
    if (version !== undefined && !found.has(version)) {
      found.set(version, { path, version });
    }
  }
  return [...found.values()];
}

export class Docker {
  readonly client: DockerClient;
  private readonly home: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(client: DockerClient, socket: string) {
    this.client = client;
    // Settings of whoever runs the tests must not matter.
    this.home = mkdtempSync(join(tmpdir(), 'skt-docker-'));
    this.environment = {
      PATH: process.env['PATH'],
      HOME: this.home,
      DOCKER_HOST: `unix://${socket}`,
    };
  }

  close(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Runs one command to its end; `input` goes to its standard input. */
  run(args: readonly string[], input: Buffer | string = ''): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = execFile(
        this.client.path,
        [...args],
        { env: this.environment, timeout: COMMAND_MS, maxBuffer: OUTPUT_BYTES, encoding: 'buffer' },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout: String(stdout), stderr: String(stderr), bytes: stdout });
        },
      );
      // A command that does not read its input closes it: that is its own affair.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }

  /** What a command that must work prints, without the last line end. */
  async ok(args: readonly string[], input: Buffer | string = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) {
      throw new Error(`docker ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    }
    return stdout.trimEnd();
  }

  /** What a command that must fail says on standard error. */
  async fails(args: readonly string[], input: Buffer | string = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code === 0) {
      throw new Error(`docker ${args.join(' ')} was expected to fail, and printed: ${stdout}`);
    }
    return stderr.trimEnd();
  }

  /** Starts a command that goes on until it is ended. */
  start(args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    return spawn(this.client.path, [...args], { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

/** What a started command prints, line by line, from the call on. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
