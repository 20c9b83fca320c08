// The name server of one container: sockets on 127.0.0.11:53 inside its namespace, answers from the views
// of its networks, everything else from upstream. The daemon answers; the container needs nothing.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { DecodedPacket } from 'dns-packet';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { muteSocket, openSocket, unmuteSocket } from '../../kernel/socket.ts';
import { RCODE, decide, fitDatagram, parseQuery, tcpResponse, udpResponse } from './answer.ts';
import type { Upstream } from './upstream.ts';

/** Queries of one container under way upstream: one that floods must not use up the node's share. */
const CONTAINER_MAX = 100;
const CONNECTIONS_MAX = 32;
const IDLE_MS = 10_000;
/**
 * Questions and connections that one container may have answered at once, and in a second after that. Answering costs
 * the daemon some 0.1 ms each, and that time is everybody's: it is given in pieces so small that nobody waits for
 * a flood of somebody else.
 */
const BURST_MAX = 1_000;
const QUESTIONS_PER_SECOND = 2_000;
const PIECE_MS = 50;
const PIECE = (QUESTIONS_PER_SECOND * PIECE_MS) / 1_000;

export interface ResolverDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly upstream: Upstream;
  /** Views of the task's networks, in the task's order, as they are now. */
  readonly views: () => readonly NetworkView[];
}

export interface ResolverOptions {
  readonly namespace: NamespaceRef;
  readonly address: string;
  /** 53; another only in tests. */
  readonly port: number;
  readonly servers: readonly string[];
}

export class Resolver {
  private readonly dependencies: ResolverDependencies;
  private readonly options: ResolverOptions;
  private udp: UdpSocket | undefined;
  private tcp: Server | undefined;
  /** Each with what takes the questions that it has sent. */
  private readonly connections = new Map<Socket, () => void>();
  private turn = 0;
  private underway = 0;
  /** Of both sockets; they are open as long as `udp` and `tcp` are. */
  private descriptors: readonly number[] = [];
  /** How many questions it may ask just now; what had arrived before it was muted makes it less than none. */
  private allowed = BURST_MAX;
  /** Runs until the container may ask as many at once as ever. */
  private refill: Timer | undefined;
  private isMuted = false;
  private hasFlooded = false;

  constructor(dependencies: ResolverDependencies, options: ResolverOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  /** Opens the sockets; synchronous, so the namespace may be used for a container right after. */
  open(): void {
    const { namespace, address, port } = this.options;
    const udp = createSocket('udp4');
    udp.on('error', (error) => this.failed('udp', error));
    udp.on('message', (data, from) => this.onDatagram(udp, data, from));
    const udpDescriptor = openSocket(namespace, 'udp', address, port);
    udp.bind({ fd: udpDescriptor });
    this.udp = udp;
    const tcp = createServer((connection) => this.onConnection(connection));
    tcp.maxConnections = CONNECTIONS_MAX;
    tcp.on('error', (error) => this.failed('tcp', error));
    const tcpDescriptor = openSocket(namespace, 'tcp', address, port);
    tcp.listen({ fd: tcpDescriptor });
    this.tcp = tcp;
    this.descriptors = [udpDescriptor, tcpDescriptor];
  }

  close(): void {
    this.refill?.cancel();
    this.udp?.close();
    this.tcp?.close();
    for (const connection of this.connections.keys()) {
      connection.destroy();
    }
    this.udp = undefined;
    this.tcp = undefined;
  }

  private failed(kind: string, error: Error): void {
    this.dependencies.log.error({ kind, reason: errorMessage(error) }, 'the name server of a task failed');
  }

  private count(): void {
    this.allowed -= 1;
    this.refill ??= this.dependencies.clock.after(PIECE_MS, () => this.allowMore());
    if (this.allowed <= 0 && !this.isMuted) {
      this.descriptors.forEach(muteSocket);
      this.isMuted = true;
      if (!this.hasFlooded) {
        this.hasFlooded = true;
        this.dependencies.log.warn(
          { namespace: String(this.options.namespace) },
          `a task asks its name server more than ${QUESTIONS_PER_SECOND} times a second: the rest is dropped`,
        );
      }
    }
  }

  private allowMore(): void {
    this.refill = undefined;
    if (this.udp === undefined) {
      return;
    }
    this.allowed = Math.min(BURST_MAX, this.allowed + PIECE);
    if (this.allowed < BURST_MAX) {
      this.refill = this.dependencies.clock.after(PIECE_MS, () => this.allowMore());
    }
    if (this.isMuted && this.allowed > 0) {
      this.isMuted = false;
      this.descriptors.forEach(unmuteSocket);
      for (const take of [...this.connections.values()]) {
        take();
      }
    }
  }

  private onDatagram(socket: UdpSocket, data: Buffer, from: RemoteInfo): void {
    if (this.udp === socket) {
      this.count();
    }
    const query = parseQuery(data);
    if (query === undefined) {
      return;
    }
    const reply = (packet: Buffer): void => {
      if (this.udp === socket) {
        // The container's own socket may be closed by now; nobody waits for this answer then.
        socket.send(packet, from.port, from.address, () => undefined);
      }
    };
    const decision = decide(query, this.dependencies.views(), this.nextTurn());
    if (decision.kind === 'answer') {
      reply(udpResponse(query, decision.answers, decision.rcode));
      return;
    }
    this.forward(query, data, false)
      .then((answer) => reply(answer === undefined ? failure(query) : fitDatagram(query, answer)))
      .catch((error: unknown) => this.failed('udp', asError(error)));
  }

  private onConnection(connection: Socket): void {
    this.count();
    let received = Buffer.alloc(0);
    const take = (): void => {
      while (
        !this.isMuted &&
        !connection.destroyed &&
        received.length >= 2 &&
        received.length >= 2 + received.readUInt16BE(0)
      ) {
        const length = received.readUInt16BE(0);
        this.count();
        this.onMessage(connection, Buffer.from(received.subarray(2, 2 + length)));
        received = received.subarray(2 + length);
      }
      if (this.isMuted) {
        connection.pause();
      } else {
        connection.resume();
      }
    };
    this.connections.set(connection, take);
    connection.setTimeout(IDLE_MS, () => connection.destroy());
    connection.on('close', () => this.connections.delete(connection));
    connection.on('error', () => connection.destroy());
    connection.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      take();
    });
  }

  private onMessage(connection: Socket, data: Buffer): void {
    const query = parseQuery(data);
    if (query === undefined) {
      connection.destroy();
      return;
    }
    const decision = decide(query, this.dependencies.views(), this.nextTurn());
    if (decision.kind === 'answer') {
      connection.write(tcpResponse(query, decision.answers, decision.rcode));
      return;
    }
    this.forward(query, data, true)
      .then((answer) => {
        if (!connection.destroyed) {
          connection.write(answer === undefined ? tcpResponse(query, [], RCODE.SERVFAIL) : framed(answer));
        }
      })
      .catch((error: unknown) => this.failed('tcp', asError(error)));
  }

  /** Undefined when nobody answered or the container asks too much: the caller gets SERVFAIL at once. */
  private async forward(query: DecodedPacket, data: Buffer, stream: boolean): Promise<Buffer | undefined> {
    if (this.underway >= CONTAINER_MAX) {
      return undefined;
    }
    this.underway += 1;
    try {
      return await this.dependencies.upstream.ask(data, this.options.servers, stream);
    } catch (error) {
      this.dependencies.log.debug(
        { name: query.questions?.[0]?.name ?? '', reason: errorMessage(error) },
        'a name could not be asked for',
      );
      return undefined;
    } finally {
      this.underway -= 1;
    }
  }

  private nextTurn(): number {
    this.turn = (this.turn + 1) % 0x7fffffff;
    return this.turn;
  }
}

function failure(query: DecodedPacket): Buffer {
  return udpResponse(query, [], RCODE.SERVFAIL);
}

function framed(answer: Buffer): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(answer.length);
  return Buffer.concat([prefix, answer]);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
