// What is measured over a wire: throughput by iperf3, requests a second by wrk, the time of one request on a
// kept connection, the processor time of a message there and back by sockperf, each with a server of its own in the wire's namespace for as long as it takes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { run } from './contender.ts';
import { ECHO_PORT, HTTP_PORT, IPERF_PORT, type Wire } from './wires.ts';

/** Enough to keep both processors busy. */
const CONNECTIONS = 16;
const START_LIMIT_MS = 10_000;

/** The smallest server that a user might run: node's own. */
const HTTP_SERVER = `
require('node:http').createServer((_, response) => response.end('hello')).listen(${HTTP_PORT}, '0.0.0.0', () => console.log('ready'));
`;

function inside(namespace: string, command: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=${namespace}`, ...command]];
}

/** A server that has said the first word of being ready. */
class Server {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  readonly ready: Promise<unknown>;

  constructor(namespace: string, command: readonly string[]) {
    const child = spawn(...inside(namespace, command), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    this.exited = once(child, 'exit');
    this.ready = once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(START_LIMIT_MS),
    });
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

async function withServer<T>(wire: Wire, command: readonly string[], measure: () => Promise<T>): Promise<T> {
  const server = new Server(wire.server, command);
  try {
    await server.ready;
    return await measure();
  } finally {
    await server.end();
  }
}

/** Gigabits a second of one TCP stream. */
export function throughput(wire: Wire, seconds: number): Promise<number> {
  return withServer(wire, ['iperf3', '-s', '--forceflush', '-p', String(IPERF_PORT)], async () => {
    const command = [
      'iperf3',
      '-c',
      wire.address,
      '-p',
      String(wire.ports.iperf),
      '-t',
      String(seconds),
      '-J',
    ];
    const report = JSON.parse(await run(...inside(wire.client, command))) as {
      readonly end: { readonly sum_received: { readonly bits_per_second: number } };
    };
    return report.end.sum_received.bits_per_second / 1e9;
  });
}

/** Requests a second over kept connections. */
export function requests(wire: Wire, seconds: number): Promise<number> {
  return withServer(wire, [process.execPath, '-e', HTTP_SERVER], () => wrk(wire, seconds, CONNECTIONS, true));
}

/** Connections a second, one request each. */
export function connections(wire: Wire, seconds: number): Promise<number> {
  return withServer(wire, [process.execPath, '-e', HTTP_SERVER], () =>
    wrk(wire, seconds, CONNECTIONS, false),
  );
}

/**
 * Microseconds of a message there and back, the quarter that takes the least: with both ends on one processor
 * this is the processor time of every step on the way, and what else the machine does changes little of it.
 */
export function roundTrip(wire: Wire, seconds: number): Promise<number> {
  const pinned = ['taskset', '-c', '1', 'sockperf'];
  const server = ['stdbuf', '-oL', ...pinned, 'server', '--tcp', '-p', String(ECHO_PORT)];
  return withServer(wire, server, async () => {
    const to = ['-i', wire.address, '-p', String(wire.ports.echo), '-t', String(seconds)];
    const output = await run(...inside(wire.client, [...pinned, 'ping-pong', '--tcp', '--full-rtt', ...to]));
    const time = /percentile 25\.000 =\s+([\d.]+)/.exec(output)?.[1];
    if (time === undefined) {
      throw new Error(`${wire.name}: ${output}`);
    }
    return Number(time);
  });
}

/**
 * What one wire adds to another, microseconds: single requests on one kept connection each, in turns of a second,
 * so that what else the machine does concerns both. The servers are the same process where the wires share one.
 */
export async function addedLatency(base: Wire, other: Wire, turns: number): Promise<readonly number[]> {
  const both = async (): Promise<readonly number[]> => {
    const added: number[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const before = 1e6 / (await wrk(base, 1, 1, true));
      const after = 1e6 / (await wrk(other, 1, 1, true));
      added.push(after - before);
    }
    return added;
  };
  return withServer(base, [process.execPath, '-e', HTTP_SERVER], both);
}

async function wrk(wire: Wire, seconds: number, clients: number, keepAlive: boolean): Promise<number> {
  const header = keepAlive ? [] : ['-H', 'Connection: close'];
  const load = ['-t', '1', '-c', String(clients), '-d', `${seconds}s`];
  const target = `http://${wire.address}:${wire.ports.http}/`;
  const output = await run(...inside(wire.client, ['wrk', ...load, ...header, target]));
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  if (rate === undefined || /Socket errors|Non-2xx/.test(output)) {
    throw new Error(`${wire.name}: ${output}`);
  }
  return Number(rate);
}
