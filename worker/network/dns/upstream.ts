// Asks the servers outside for what the cluster does not know: udp first, tcp when the answer was cut, the
// next server after two seconds. Sockets live in the host's namespace; how many ask at once is limited.
import { createSocket } from 'node:dgram';
import { isIPv4, Socket } from 'node:net';
import type { Clock } from '../../../shared/clock.ts';
import { SkeinError, errorMessage } from '../../../shared/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { connectSocket, openSocket } from '../../kernel/socket.ts';
import { isTruncated } from './answer.ts';

/** Servers are near; one that is silent for so long is asked no more for this query. */
const SERVER_TIMEOUT_MS = 2000;
/** Servers asked for one query, as resolvers do (MAXNS). */
const SERVERS_MAX = 3;
/** Queries under way on this node: each holds a socket. */
const NODE_MAX = 1024;
const DNS_PORT = 53;
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

  constructor({ clock }: UpstreamDependencies, options: UpstreamOptions) {
    this.clock = clock;
    this.options = options;
  }

  /**
   * The first answer of a server, as raw bytes with the query's own id.
   * @throws SkeinError `dns-busy` at the limit, `dns-no-server` when no server answered
   */
  async ask(query: Buffer, servers: readonly string[], stream: boolean): Promise<Buffer> {
    if (this.underway >= NODE_MAX) {
      throw new SkeinError('exhausted', 'dns-busy', `${NODE_MAX} names are being asked for already`);
    }
    this.underway += 1;
    try {
      let problem = 'none is configured';
      for (const server of servers.slice(0, SERVERS_MAX)) {
        try {
          return await this.askServer(query, server, stream);
        } catch (error) {
          problem = `${server}: ${errorMessage(error)}`;
        }
      }
      throw new SkeinError('unavailable', 'dns-no-server', `no name server answered (${problem})`);
    } finally {
      this.underway -= 1;
    }
  }

  private async askServer(query: Buffer, server: string, stream: boolean): Promise<Buffer> {
    if (stream) {
      return this.askTcp(query, server);
    }
    const answer = await this.askUdp(query, server);
    return isTruncated(answer) ? this.askTcp(query, server).catch(() => answer) : answer;
  }

  private askUdp(query: Buffer, server: string): Promise<Buffer> {
    const port = this.options.port ?? DNS_PORT;
    const family = isIPv4(server) ? 'udp4' : 'udp6';
    const fd = openSocket(this.options.hostNamespace, 'udp', isIPv4(server) ? '0.0.0.0' : '::', 0);
    const socket = createSocket(family);
    return new Promise<Buffer>((resolve, reject) => {
      const timer = this.clock.after(SERVER_TIMEOUT_MS, () => reject(new Error('no answer')));
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
      const timer = this.clock.after(SERVER_TIMEOUT_MS, () => reject(new Error('no answer')));
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
