// The name server of one container: sockets on 127.0.0.11:53 inside its namespace, answers from the views
// of its networks, everything else from upstream. The daemon answers; the container needs nothing.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { closeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { DecodedPacket } from 'dns-packet';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import { canTakeDescriptors, takeDescriptor } from '../../kernel/descriptor.ts';
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
/** Questions wait for the views of the task's networks, but names outside are answered without managers too. */
const VIEWS_WAIT_MS = 10_000;
const PIECE = (QUESTIONS_PER_SECOND * PIECE_MS) / 1_000;

export interface ResolverDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly upstream: Upstream;
  /** Views of the task's networks, in the task's order, as they are now. */
  readonly views: () => readonly NetworkView[];
  /** Whether that is all of them: after a restart the managers tell them first. */
  readonly isComplete: () => boolean;
}

export interface ResolverOptions {
  readonly namespace: NamespaceRef;
  readonly address: string;
  /** 53; another only in tests. */
  readonly port: number;
  readonly servers: readonly string[];
  /** Who has kept the sockets of this container's last name server, udp and tcp, since the daemon ended. */
  readonly kept?: { readonly pid: number; readonly descriptors: readonly number[] } | undefined;
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
  private own: readonly number[] = [];
  /** How many questions it may ask just now; what had arrived before it was muted makes it less than none. */
  private allowed = BURST_MAX;
  /** Runs until the container may ask as many at once as ever. */
  private refill: Timer | undefined;
  /** The sockets are open and not read. */
  private waiting: Timer | undefined;
  private isMuted = false;
  private hasFlooded = false;

  constructor(dependencies: ResolverDependencies, options: ResolverOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  /** Opens the sockets, or takes them up; synchronous, so the namespace may be used for a container right after. */
  open(): void {
    this.own = this.takeUp() ?? this.openAnew();
    if (this.own.length > 0) {
      this.waiting = this.dependencies.clock.after(VIEWS_WAIT_MS, () => this.begin());
      this.viewsChanged();
    }
  }

  /** To be told of: until all views are known the kernel holds what is asked. */
  viewsChanged(): void {
    if (this.waiting !== undefined && this.dependencies.isComplete()) {
      this.begin();
    }
  }

  private begin(): void {
    this.waiting?.cancel();
    this.waiting = undefined;
    const [udpDescriptor = -1, tcpDescriptor = -1] = this.own;
    const udp = createSocket('udp4');
    udp.on('error', (error) => this.failed('udp', error));
    udp.on('message', (data, from) => this.onDatagram(udp, data, from));
    udp.bind({ fd: udpDescriptor });
    this.udp = udp;
    const tcp = createServer((connection) => this.onConnection(connection));
    tcp.maxConnections = CONNECTIONS_MAX;
    tcp.on('error', (error) => this.failed('tcp', error));
    tcp.listen({ fd: tcpDescriptor });
    this.tcp = tcp;
  }

  /** The sockets, for a process that keeps them while the daemon is down; none where the next could not have them. */
  get descriptors(): readonly number[] {
    return (this.udp ?? this.waiting) !== undefined && canTakeDescriptors() ? this.own : [];
  }

  private openAnew(): readonly number[] {
    const { namespace, address, port, kept } = this.options;
    try {
      return (['udp', 'tcp'] as const).map((kind) => openSocket(namespace, kind, address, port));
    } catch (error) {
      if (kept === undefined) {
        throw error;
      }
      // The keeper has them still and does not let go: this task goes without names, the daemon does not stop for it.
      this.failed('taken up', asError(error));
      return [];
    }
  }

  /** The sockets of before, with the questions that wait in them. */
  private takeUp(): readonly number[] | undefined {
    const { kept } = this.options;
    const taken: number[] = [];
    try {
      for (const descriptor of kept?.descriptors ?? []) {
        taken.push(takeDescriptor(kept?.pid ?? 0, descriptor));
      }
      // The last daemon may have ended while they were muted.
      taken.forEach(unmuteSocket);
    } catch (error) {
      this.dependencies.log.warn(
        { reason: errorMessage(error) },
        'the sockets of a name server are opened anew',
      );
      for (const descriptor of taken.splice(0)) {
        closeSync(descriptor);
      }
    }
    return taken.length === 0 ? undefined : taken;
  }

  close(): void {
    this.refill?.cancel();
    if (this.isMuted) {
      // Whoever keeps them keeps the questions of an ordinary container too.
      this.isMuted = false;
      this.own.forEach(unmuteSocket);
    }
    if (this.waiting !== undefined) {
      this.waiting.cancel();
      this.waiting = undefined;
      this.own.forEach(closeSync);
    }
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
      this.own.forEach(muteSocket);
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
      this.own.forEach(unmuteSocket);
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
