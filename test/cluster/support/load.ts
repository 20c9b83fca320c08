// A constant load on one address and the server it meets. Both are small node programs: the server runs in
// containers that borrow this machine's node by bind mounts, the client in whatever namespace it is put.
// Either counts strictly: any connection that is refused, reset or late, and any answer but 200, is a failure.
import { type ChildProcess, spawn } from 'node:child_process';
import type { ServiceParts } from './services.ts';
import { SECOND } from './services.ts';

/**
 * Answers with its host name. At SIGTERM it takes no new connections, says good-bye on those it has
 * (`Connection: close` with their next answer), and exits when the last is closed: a server as it should be.
 */
const SERVER = `
const http = require('node:http'), net = require('node:net');
let ending = false;
const server = http.createServer((request, response) => {
  if (ending) response.setHeader('connection', 'close');
  response.end(require('node:os').hostname());
});
server.keepAliveTimeout = 0;
server.listen(80);
process.on('SIGTERM', () => { ending = true; net.Server.prototype.close.call(server, () => process.exit(0)); });
`;

/** One loop a connection: asks, waits a little, asks again. Prints what happened when it is told to end. */
const CLIENT = `
const http = require('node:http');
const [host, port, keepAlive, connections, pauseMs, limitMs] = process.argv.slice(1);
const counts = { answered: 0, failures: [] };
let ended = false;
const ask = (agent) => new Promise((resolve, reject) => {
  const request = http.get({ host, port, agent, timeout: Number(limitMs) }, (response) => {
    response.resume();
    response.on('end', () => response.statusCode === 200 ? resolve() : reject(new Error('status ' + response.statusCode)));
    response.on('error', reject);
  });
  request.on('timeout', () => request.destroy(new Error('no answer within ' + limitMs + ' ms')));
  request.on('error', (error) => reject(new Error(error.message + (request.reusedSocket ? ' (reused)' : ''))));
});
const loop = async () => {
  const agent = keepAlive === 'true' ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
  while (!ended) {
    await ask(agent).then(() => { counts.answered += 1; }, (error) => {
      counts.failures.push(new Date().toISOString() + ' ' + host + ': ' + error.message);
    });
    await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
  }
};
process.on('SIGTERM', () => { ended = true; });
Promise.all(Array.from({ length: Number(connections) }, loop)).then(() => {
  process.stdout.write(JSON.stringify(counts), () => process.exit(0));
});
`;

const DEFAULT_LIMIT_MS = 10_000;
const HEALTH_INTERVAL_NS = SECOND / 4;
const borrowed = ['/usr', '/lib', '/lib64'].map((path) => ({
  Type: 'bind',
  Source: path,
  Target: path,
  ReadOnly: true,
}));

/** Parts of a service whose replicas serve as SERVER does; healthy, and so in the balancers, when they answer. */
export function loadService(parts: ServiceParts): ServiceParts {
  return {
    ...parts,
    container: {
      Command: [process.execPath, '-e', SERVER],
      Mounts: borrowed,
      StopGracePeriod: 10 * SECOND,
      Healthcheck: {
        Test: ['CMD', '/bin/busybox', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'],
        Interval: HEALTH_INTERVAL_NS,
        Timeout: SECOND,
        Retries: 5,
      },
      ...parts.container,
    },
  };
}

export interface LoadReport {
  readonly answered: number;
  readonly failures: readonly string[];
}

export interface LoadOptions {
  /** Path of the network namespace to ask from. */
  readonly from: string;
  readonly address: string;
  readonly port: number;
  readonly keepAlive: boolean;
  readonly connections?: number;
  readonly pauseMs?: number;
  /** How long an answer may take; a shared machine starves processes for seconds. */
  readonly limitMs?: number;
}

/** Asks without end, until `end` is called. */
export class Load {
  private readonly child: ChildProcess;
  private output = '';
  private readonly closed: Promise<void>;

  constructor(options: LoadOptions) {
    const { from, address, port, keepAlive } = options;
    const { connections = 1, pauseMs = 30, limitMs = DEFAULT_LIMIT_MS } = options;
    const words = [address, port, keepAlive, connections, pauseMs, limitMs].map(String);
    this.child = spawn('nsenter', [`--net=${from}`, process.execPath, '-e', CLIENT, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.output += chunk;
    });
    this.closed = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  async end(): Promise<LoadReport> {
    this.child.kill('SIGTERM');
    await this.closed;
    return JSON.parse(this.output) as LoadReport;
  }
}
