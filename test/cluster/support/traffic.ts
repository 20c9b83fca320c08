// Clients of the services under test: single requests from outside and from inside containers, and a client
// that asks all the time and counts what failed.
import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { run } from './command.ts';
import { addressOf, type Host, isVirtual, namespaceOf } from './lab.ts';

const ASK_TIMEOUT_MS = isVirtual ? 10_000 : 3_000;

/** What the web image's page says. */
export interface WebAnswer {
  readonly replica: string;
  readonly host: string;
  readonly client: string;
}

/** One request from this machine, on a connection of its own. */
export function fetchText(host: Host, port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: addressOf(host), port, path, agent: false, signal: AbortSignal.timeout(ASK_TIMEOUT_MS) },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`status ${response.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
  });
}

export async function askWeb(host: Host, port: number): Promise<WebAnswer> {
  return parseWeb(await fetchText(host, port, '/cgi-bin/index.cgi'));
}

export function parseWeb(text: string): WebAnswer {
  const match = /replica=(\S+) host=(\S+) client=(\S+)/.exec(text);
  if (match === null) {
    throw new Error(`not the web image's answer: ${text}`);
  }
  return { replica: match[1] ?? '', host: match[2] ?? '', client: match[3] ?? '' };
}

/** Asks from the outside client's namespace. */
export async function askFromClient(host: Host, port: number): Promise<WebAnswer> {
  const url = `http://${addressOf(host)}:${port}/cgi-bin/index.cgi`;
  const { stdout } = await run('nsenter', [
    `--net=${namespaceOf('client')}`,
    'curl',
    '-fsS',
    '-m',
    String(ASK_TIMEOUT_MS / 1000),
    url,
  ]);
  return parseWeb(stdout);
}

/** Runs a shell line inside a container (all its namespaces), given the pid of its first process. */
export async function inside(pid: number, line: string, timeoutMs = 20_000) {
  return await run('nsenter', ['-t', String(pid), '-m', '-u', '-i', '-n', '-p', '/bin/sh', '-c', line], {
    env: { PATH: '/bin:/usr/bin:/sbin:/usr/sbin' },
    timeoutMs,
    mayFail: true,
  });
}

/** One request from inside a container's network, by this machine's curl. */
export async function askInside(pid: number, url: string): Promise<string> {
  return (await run('nsenter', ['-t', String(pid), '-n', 'curl', '-fsS', '-m', '3', url])).stdout;
}

export interface TrafficReport {
  readonly answered: number;
  readonly failures: readonly string[];
}

/** Asks a published port of several hosts in turn, without a pause, until told to end. */
export class OutsideTraffic {
  private answered = 0;
  private readonly failures: string[] = [];
  private ended = false;
  private readonly done: Promise<void>;

  constructor(hosts: readonly Host[], port: number, pauseMs = 10) {
    this.done = this.loop(hosts, port, pauseMs);
  }

  async end(): Promise<TrafficReport> {
    this.ended = true;
    await this.done;
    return { answered: this.answered, failures: this.failures };
  }

  private async loop(hosts: readonly Host[], port: number, pauseMs: number): Promise<void> {
    for (let turn = 0; !this.ended; turn += 1) {
      const host = hosts[turn % hosts.length] ?? 'h1';
      try {
        await fetchText(host, port, '/cgi-bin/index.cgi');
        this.answered += 1;
      } catch (error) {
        this.failures.push(
          `${new Date().toISOString()} ${host}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/**
 * Asks an address from inside a container's network, without a pause, until told to end. Not a name: a
 * static busybox cannot resolve one in wget, so this machine's curl asks.
 */
export class InsideTraffic {
  private readonly child: ChildProcess;
  private output = '';
  private readonly closed: Promise<void>;

  constructor(pid: number, url: string) {
    const ask = `curl -v -sS -f -m 3 -o /dev/null ${url} 2>&1 | grep -a -E 'HTTP/1.. 200|failed|curl:'`;
    const line = `while :; do e=$(${ask}); case $e in *' 200'*) echo ok ;; *) echo "$(date +%T.%N)" $e ;; esac; sleep 0.01; done`;
    this.child = spawn('nsenter', ['-t', String(pid), '-n', '/bin/sh', '-c', line], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.output += chunk;
    });
    this.closed = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  async end(): Promise<TrafficReport> {
    this.child.kill('SIGTERM');
    await this.closed;
    const lines = this.output.split('\n').filter((line) => line !== '');
    return {
      answered: lines.filter((line) => line === 'ok').length,
      failures: lines.filter((line) => line !== 'ok'),
    };
  }
}
