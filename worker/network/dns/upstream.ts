// Asks the servers outside for what the cluster does not know: udp first, tcp when the answer was cut, the
// next server when one is late or has no answer. Who was silent lately is asked last, and waited for briefly,
// so that a name never costs a container its resolver's five seconds. Sockets live in the host's namespace.
import { createSocket } from 'node:dgram';
import { isIPv4, Socket } from 'node:net';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { SkeinError, errorMessage } from '../../../shared/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { connectSocket, openSocket } from '../../kernel/socket.ts';
import { RCODE, isTruncated } from './answer.ts';
import { firstAnswer } from './hedge.ts';

/** Longest wait for an answer: below the five seconds after which resolvers ask again (resolv.conf(5)). */
const ANSWER_TIMEOUT_MS = 2000;
/** Servers are near: when one is silent for so long, the next is asked too. */
const NEXT_SERVER_MS = 700;
/** Wait for an answer when every server was silent the last time. */
const BRIEF_TIMEOUT_MS = 500;
/** So long after its last silence a server counts as silent. */
const SILENT_MS = 30_000;
/** Servers remembered as silent; containers may name any. */
const SILENT_MAX = 64;
/** Servers asked for one query, as resolvers do (MAXNS). */
const SERVERS_MAX = 3;
/** Questions under way on this node, each to one server: each holds a socket. */
const NODE_MAX = 1024;
const DNS_PORT = 53;
/** In a message's header. */
const RCODE_OFFSET = 3;
/** Say nothing about the name, only about this server: others are asked, as resolvers do. */
const REFUSALS: ReadonlySet<number> = new Set([RCODE.SERVFAIL, RCODE.NOTIMP, RCODE.REFUSED]);
const TCP_LENGTH_BYTES = 2;
/** RFC 1035: two length bytes bound a message. */
const MESSAGE_MAX_BYTES = 65_535;

export interface UpstreamDependencies {
  readonly clock: Clock;
}

export interface UpstreamOptions {
  readonly hostNamespace: NamespaceRef;
  /** Only tests use another. */
  readonly port?: number;
}

/** One for the whole node. */
export class Upstream {
  private readonly clock: Clock;
  private readonly options: UpstreamOptions;
  private underway = 0;
  /** Until when a server counts as silent. */
  private readonly silent = new Map<string, number>();

  constructor({ clock }: UpstreamDependencies, options: UpstreamOptions) {
    this.clock = clock;
    this.options = options;
  }

  /**
   * The first answer of a server, as raw bytes with the query's own id; a refusal only when no other has better.
   * @throws SkeinError `dns-no-server` when no server answered in time
   */
  async ask(query: Buffer, servers: readonly string[], stream: boolean): Promise<Buffer> {
    const order = this.ordered(servers).slice(0, SERVERS_MAX);
    let problem = order.length === 0 ? 'none is configured' : 'all are silent';
    const answer = await firstAnswer(this.clock, {
      order,
      ask: (server) =>
        this.askServer(query, server, stream).catch((error: unknown) => {
          problem = `${server}: ${errorMessage(error)}`;
          throw error;
        }),
      isRefusal: (bytes) => REFUSALS.has(bytes.readUInt8(RCODE_OFFSET) & 0xf),
      nextMs: NEXT_SERVER_MS,
      limitMs: order.every((server) => this.isSilent(server)) ? BRIEF_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
    });
    if (answer === undefined) {
      throw new SkeinError('unavailable', 'dns-no-server', `no name server answered (${problem})`);
    }
    return answer;
  }

  /** Those that were silent lately come last, in their own order. */
  private ordered(servers: readonly string[]): string[] {
    return [
      ...servers.filter((server) => !this.isSilent(server)),
      ...servers.filter((server) => this.isSilent(server)),
    ];
  }

  private isSilent(server: string): boolean {
    return (this.silent.get(server) ?? 0) > this.clock.monotonic();
  }

  private noteSilence(server: string): void {
    this.silent.delete(server);
    if (this.silent.size >= SILENT_MAX) {
      this.silent.clear();
    }
    this.silent.set(server, this.clock.monotonic() + SILENT_MS);
  }

  /** Goes on to its own end when nobody waits any more: an answer that comes late still clears the server. */
  private async askServer(query: Buffer, server: string, stream: boolean): Promise<Buffer> {
    if (this.underway >= NODE_MAX) {
      throw new SkeinError('exhausted', 'dns-busy', `${NODE_MAX} names are being asked for already`);
    }
    this.underway += 1;
    try {
      const answer = await this.exchange(query, server, stream);
      this.silent.delete(server);
      return answer;
    } finally {
      this.underway -= 1;
    }
  }

  private async exchange(query: Buffer, server: string, stream: boolean): Promise<Buffer> {
    if (stream) {
      return this.askTcp(query, server);
    }
    const answer = await this.askUdp(query, server);
    return isTruncated(answer) ? this.askTcp(query, server).catch(() => answer) : answer;
  }

  private waitFor(server: string, reject: (reason: Error) => void): Timer {
    return this.clock.after(ANSWER_TIMEOUT_MS, () => {
      this.noteSilence(server);
      reject(new Error('no answer'));
    });
  }

  private askUdp(query: Buffer, server: string): Promise<Buffer> {
    const port = this.options.port ?? DNS_PORT;
    const family = isIPv4(server) ? 'udp4' : 'udp6';
    const fd = openSocket(this.options.hostNamespace, 'udp', isIPv4(server) ? '0.0.0.0' : '::', 0);
    const socket = createSocket(family);
    return new Promise<Buffer>((resolve, reject) => {
      const timer = this.waitFor(server, reject);
      const settle = (): void => timer.cancel();
      socket.on('error', (error) => {
        settle();
        reject(error);
      });
      socket.on('message', (data) => {
        if (data.length >= 12 && data.readUInt16BE(0) === query.readUInt16BE(0)) {
          settle();
          resolve(Buffer.from(data));
        }
      });
      socket.bind({ fd });
      // Connected, so that only this server can answer and an unreachable port is an error at once.
      socket.connect(port, server, () => socket.send(query));
    }).finally(() => socket.close());
  }

  private askTcp(query: Buffer, server: string): Promise<Buffer> {
    const port = this.options.port ?? DNS_PORT;
    const socket = new Socket({ fd: connectSocket(this.options.hostNamespace, server, port) });
    return new Promise<Buffer>((resolve, reject) => {
      const timer = this.waitFor(server, reject);
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('close', () => {
        timer.cancel();
        reject(new Error('connection closed'));
      });
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        const length = received.length < TCP_LENGTH_BYTES ? MESSAGE_MAX_BYTES : received.readUInt16BE(0);
        if (received.length >= TCP_LENGTH_BYTES + length) {
          resolve(received.subarray(TCP_LENGTH_BYTES, TCP_LENGTH_BYTES + length));
        }
      });
      const prefix = Buffer.alloc(TCP_LENGTH_BYTES);
      prefix.writeUInt16BE(query.length);
      socket.write(Buffer.concat([prefix, query]));
    }).finally(() => socket.destroy());
  }
}
