// Constant load by wrk from a network namespace, paced so that the cluster beside it has the machine too, and
// what it counted. Any connection or read that failed, any late answer and any status but 2xx is a failure.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';

/** Longer than any test: it is ended by signal. */
const DURATION = '3600s';
const ANSWER_LIMIT = '10s';

export interface WrkOptions {
  /** Path of the network namespace to ask from. */
  readonly from: string;
  readonly address: string;
  readonly port: number;
  /** False: one connection a request. */
  readonly keepAlive: boolean;
  readonly connections: number;
  /** Between an answer and the next request of a connection. */
  readonly pauseMs: number;
}

export interface WrkReport {
  readonly what: string;
  readonly answered: number;
  /** wrk's own words; empty when all is well. */
  readonly failures: readonly string[];
}

export class Wrk {
  private readonly what: string;
  private readonly child: ChildProcess;
  private readonly directory: string;
  private output = '';
  private readonly closed: Promise<void>;

  private constructor(options: WrkOptions, directory: string, script: string) {
    const { from, address, port, keepAlive, connections } = options;
    this.what = `${address}:${port} from ${from.split('/').at(-1) ?? ''}${keepAlive ? '' : ' anew'}`;
    this.directory = directory;
    const header = keepAlive ? [] : ['-H', 'Connection: close'];
    const load = ['-t', '1', '-c', String(connections), '-d', DURATION, '--timeout', ANSWER_LIMIT];
    const target = `http://${address}:${port}/`;
    this.child = spawn('nsenter', [`--net=${from}`, 'wrk', ...load, '-s', script, ...header, target], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
      });
    }
    this.closed = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  static async start(options: WrkOptions): Promise<Wrk> {
    const directory = await mkdtemp(join(tmpdir(), 'skein-wrk-'));
    const script = join(directory, 'pace.lua');
    await writeFile(script, `function delay() return ${options.pauseMs} end\n`);
    return new Wrk(options, directory, script);
  }

  async end(): Promise<WrkReport> {
    this.child.kill('SIGINT');
    await this.closed;
    await rm(this.directory, { recursive: true, force: true });
    return readReport(this.what, this.output);
  }
}

/** What wrk prints at its end. */
export function readReport(what: string, output: string): WrkReport {
  const answered = /(\d+) requests in/.exec(output)?.[1];
  const failures = output.match(/Socket errors:.*|Non-2xx.*|unable to.*/g) ?? [];
  return {
    what,
    answered: Number(answered ?? 0),
    failures: [...failures, ...(answered === undefined ? [`wrk said: ${output.slice(-500)}`] : [])].map(
      (line) => `${what}: ${line}`,
    ),
  };
}

/** A client that makes a connection a request must not run out of ports. */
export async function widenPorts(namespace: string): Promise<void> {
  const settings = ['net.ipv4.ip_local_port_range=1024 65535', 'net.ipv4.tcp_tw_reuse=1'];
  await run('nsenter', [`--net=${namespace}`, 'sysctl', '-q', '-w', ...settings]);
}
