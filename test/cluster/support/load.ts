// Servers and clients that live as long as a connection does: a server that ends as a server should, and clients
// of long downloads, of connections at rest and of single requests. Small node programs: the server runs in
// containers that borrow this machine's node by bind mounts, a client in whatever namespace it is put. All count
// strictly: a connection that is refused, reset or late, and any answer but 200, is a failure, told with its time.
import { type ChildProcess, spawn } from 'node:child_process';
import type { ServiceParts } from './services.ts';
import { SECOND } from './services.ts';

/**
 * Answers with its host name, and `/slow` with CHUNKS pieces of CHUNK_BYTES, one every CHUNK_PAUSE_MS. At SIGTERM
 * it takes the connections that wait to be accepted (closing the socket would reset them; a starved process may
 * have some) and no more, says good-bye on those it has (`Connection: close` with their next answer), and exits
 * when the last is closed.
 */
const SERVER = `
const http = require('node:http'), net = require('node:net');
const name = require('node:os').hostname();
let ending = false;
const slow = (response) => {
  const piece = Buffer.alloc(CHUNK_BYTES, 'x');
  let left = CHUNKS;
  response.setHeader('content-length', CHUNKS * CHUNK_BYTES);
  const next = () => {
    response.write(piece);
    left -= 1;
    if (left === 0) response.end(); else setTimeout(next, CHUNK_PAUSE_MS);
  };
  next();
};
const server = http.createServer((request, response) => {
  if (ending) response.setHeader('connection', 'close');
  if (request.url === '/slow') slow(response); else response.end(name);
});
server.keepAliveTimeout = 0;
server.listen({ port: 80, backlog: 4096 });
const close = () => net.Server.prototype.close.call(server, () => process.exit(0));
process.on('SIGTERM', () => { ending = true; setImmediate(() => setImmediate(close)); });
`;

/** Four seconds: shorter than the grace period of a stop. */
const CHUNKS = 40;
const CHUNK_PAUSE_MS = 100;
const CHUNK_BYTES = 16 * 1024;
const SERVER_TEXT = SERVER.replaceAll('CHUNKS', String(CHUNKS))
  .replaceAll('CHUNK_PAUSE_MS', String(CHUNK_PAUSE_MS))
  .replaceAll('CHUNK_BYTES', String(CHUNK_BYTES));

/**
 * One loop a connection: asks, waits a little, asks again. Prints what happened when it is told to end (before that a
 * line for each request that stays without a word for suspectMs); a connection at rest asks once more before. At rest not a packet passes: node's agent would have the kernel probe
 * the other end each 75 s (SO_KEEPALIVE), which also reminds whoever tracks the connection.
 */
const CLIENT = `
const http = require('node:http');
const [host, port, path, bytes, keepAlive, connections, pauseMs, limitMs, suspectMs] = process.argv.slice(1);
const tell = (request) => process.stdout.write(JSON.stringify({ at: new Date().toISOString(), host, port: Number(port),
  path, from: request.socket?.localPort ?? 0, reused: request.reusedSocket }) + '\\n');
const counts = { answered: 0, failures: [] };
let ended = false, wake = [];
const ask = (agent) => new Promise((resolve, reject) => {
  const request = http.get({ host, port, path, agent, timeout: Number(limitMs) }, (response) => {
    let seen = 0;
    clearTimeout(silence);
    response.on('data', (piece) => { seen += piece.length; });
    response.on('end', () => response.statusCode !== 200 ? reject(new Error('status ' + response.statusCode))
      : bytes !== '0' && seen !== Number(bytes) ? reject(new Error(seen + ' of ' + bytes + ' bytes')) : resolve());
    response.on('error', reject);
  });
  let from = '';
  const note = (socket) => { from = ', from ' + socket.localPort; };
  request.on('socket', (socket) => socket.connecting ? socket.once('connect', () => note(socket)) : note(socket));
  const silence = Number(suspectMs) > 0 ? setTimeout(tell, Number(suspectMs), request) : undefined;
  request.on('close', () => clearTimeout(silence));
  request.on('timeout', () => request.destroy(new Error('no answer within ' + limitMs + ' ms')));
  request.on('error', (error) => reject(new Error(error.message + (request.reusedSocket ? ' (reused)' : '') + from)));
});
const rest = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); wake.push(resolve); });
const turn = (agent) => ask(agent).then(() => { counts.answered += 1; }, (error) => {
  counts.failures.push(new Date().toISOString() + ' ' + host + ':' + port + path + ': ' + error.message);
});
const loop = async () => {
  const agent = keepAlive === 'true' ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
  if (agent) agent.keepSocketAlive = (socket) => { socket.setKeepAlive(false); return true; };
  while (!ended) {
    await turn(agent);
    await rest(Number(pauseMs));
  }
  if (agent) await turn(agent);
};
process.on('SIGTERM', () => { ended = true; wake.forEach((resolve) => resolve()); });
Promise.all(Array.from({ length: Number(connections) }, loop)).then(() => {
  process.stdout.write(JSON.stringify(counts), () => process.exit(0));
});
`;

const DEFAULT_LIMIT_MS = 10_000;
const HEALTH_INTERVAL_NS = SECOND / 4;
const GRACE_NS = 10 * SECOND;
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
      Command: [process.execPath, '-e', SERVER_TEXT],
      Mounts: borrowed,
      StopGracePeriod: GRACE_NS,
      Healthcheck: {
        Test: ['CMD', '/bin/busybox', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'],
        Interval: HEALTH_INTERVAL_NS,
        Timeout: 5 * SECOND,
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
  /** How long an answer may stay without a word; a shared machine starves processes for seconds. */
  readonly limitMs?: number;
  readonly path?: '/' | '/slow';
  /** After so long without a word a request is told at once (`onSuspect`); not given: never. */
  readonly suspectMs?: number;
}

/** A request that nobody has answered yet. */
export interface Suspect {
  readonly at: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The client's own port. */
  readonly from: number;
  readonly reused: boolean;
}

/** The client's program: asks without end, and at SIGTERM writes a LoadReport and ends. */
export function clientCommand(options: Omit<LoadOptions, 'from'>): readonly string[] {
  const { address, port, keepAlive, path = '/' } = options;
  const { connections = 1, pauseMs = 30, limitMs = DEFAULT_LIMIT_MS, suspectMs = 0 } = options;
  const bytes = path === '/slow' ? CHUNKS * CHUNK_BYTES : 0;
  const words = [address, port, path, bytes, keepAlive, connections, pauseMs, limitMs, suspectMs].map(String);
  return [process.execPath, '-e', CLIENT, ...words];
}

/** Of all that the client wrote: its last line. */
export function readLoad(output: string): LoadReport {
  const line = output.trim().split('\n').at(-1) ?? '';
  const lost = { answered: 0, failures: [`a client ended before its time: ${output.slice(-500)}`] };
  return line.startsWith('{"answered"') ? (JSON.parse(line) as LoadReport) : lost;
}

/** Asks without end, until `end` is called. */
export class Load {
  private readonly child: ChildProcess;
  private output = '';
  private readonly closed: Promise<void>;

  constructor(options: LoadOptions, onSuspect: (suspect: Suspect) => void = () => undefined) {
    this.child = spawn('nsenter', [`--net=${options.from}`, ...clientCommand(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.output += chunk;
      for (const line of chunk.split('\n').filter((text) => text.startsWith('{"at"'))) {
        onSuspect(JSON.parse(line) as Suspect);
      }
    });
    this.closed = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  /** Long downloads, one after the other. */
  static downloads(where: Pick<LoadOptions, 'from' | 'address' | 'port'>, connections: number): Load {
    return new Load({ ...where, keepAlive: false, path: '/slow', connections, pauseMs: 100 });
  }

  /** Connections that say a word and then rest. */
  static resting(
    where: Pick<LoadOptions, 'from' | 'address' | 'port'>,
    connections: number,
    pauseMs: number,
  ): Load {
    return new Load({ ...where, keepAlive: true, connections, pauseMs });
  }

  async end(): Promise<LoadReport> {
    this.child.kill('SIGTERM');
    await this.closed;
    return readLoad(this.output);
  }
}
