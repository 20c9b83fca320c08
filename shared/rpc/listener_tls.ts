// Listens on TCP with mutual TLS. Client certificates are asked for but not required; whether one is
// accepted is decided here, against the roots of this moment, when it connects and again at every call.
import type { X509Certificate } from 'node:crypto';
import { constants } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type Server, type TLSSocket, createServer } from 'node:tls';
import type { Clock, Timer } from '../clock.ts';
import { SkeinError, assert } from '../errors.ts';
import {
  type CertificateFacts,
  checkValidity,
  parseCertificates,
  verifyCertificate,
} from '../identity/certificate.ts';
import { certificateRefused } from '../identity/errors.ts';
import type { CurrentIdentity, Identity } from '../identity/identity.ts';
import type { Logger } from '../log.ts';
import type { Id } from '../model/meta.ts';
import type { Peer } from '../protocol/peer.ts';
import {
  HANDSHAKE_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_WORKER,
  MAX_STRANGER_CONNECTIONS,
  RECHECK_PERIOD_MS,
  STRANGER_GRACE_MS,
  STRANGER_LIFE_MS,
} from './limits.ts';
import { listenError } from './listen_error.ts';
import { type RpcListener, connectionKey } from './listener.ts';
import { peerChain } from './peer_chain.ts';

export interface TlsListenerDependencies {
  readonly identity: CurrentIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  /** True when the node was removed from the cluster; asked at every call. */
  readonly isRevoked: (nodeId: Id) => boolean;
}

export interface TlsListenerOptions {
  /** Address to listen on, e.g. `0.0.0.0`. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
}

type AcceptSocket = (socket: Duplex, key: string) => void;

interface Connection {
  readonly socket: TLSSocket;
  readonly address: string;
  /** Presented certificates, leaf first; empty for a stranger. */
  readonly chain: readonly X509Certificate[];
  /** Result of the last verification, valid for the roots it was made with. */
  verified: { readonly rootPem: string; readonly facts: CertificateFacts } | undefined;
}

export class TlsListener implements RpcListener {
  readonly isLocal = false;
  private readonly dependencies: TlsListenerDependencies;
  private readonly options: TlsListenerOptions;
  private readonly connections = new Map<string, Connection>();
  /** Connections without an accepted certificate, oldest first, and since when (monotonic ms). */
  private readonly limited = new Map<TLSSocket, number>();
  /** Of each worker, oldest first. */
  private readonly ofWorkers = new Map<Id, Set<TLSSocket>>();
  private server: Server | undefined;
  private boundAddress = '';
  private unsubscribe: (() => void) | undefined;
  private recheckTimer: Timer | undefined;
  private roots: { readonly pem: string; readonly certificates: readonly X509Certificate[] } | undefined;

  constructor(dependencies: TlsListenerDependencies, options: TlsListenerOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  get address(): string {
    return this.boundAddress;
  }

  async start(accept: AcceptSocket): Promise<void> {
    const { identity } = this.dependencies;
    const server = createServer({
      ...secureContextOptions(identity.get()),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.on('secureConnection', (socket) => this.onConnection(socket, accept));
    server.on('tlsClientError', (error, socket) => {
      this.dependencies.log.debug({ error: error.message }, 'TLS handshake failed');
      socket.destroy();
    });
    const { host, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(`${host}:${port}`, error)));
      server.listen({ host, port }, resolve);
    });
    this.server = server;
    const bound = server.address();
    assert(typeof bound === 'object' && bound !== null, 'a TCP server has an address');
    this.boundAddress = `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
    this.unsubscribe = identity.onChange((changed) => {
      server.setSecureContext(secureContextOptions(changed));
      this.recheck();
    });
    this.scheduleRecheck();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.recheckTimer?.cancel();
    this.recheckTimer = undefined;
    this.server?.close();
    this.server = undefined;
  }

  closeConnections(): void {
    for (const connection of this.connections.values()) {
      connection.socket.destroy();
    }
  }

  authenticate(key: string): Peer {
    const connection = this.connections.get(key);
    if (connection === undefined) {
      throw new SkeinError('unauthenticated', 'connection-gone', 'the connection of this call is closed');
    }
    return this.peerOf(connection);
  }

  /** Cuts every connection whose certificate is no longer accepted; to be called when a node was removed. */
  recheck(): void {
    for (const connection of this.connections.values()) {
      if (connection.chain.length > 0 && !this.limited.has(connection.socket)) {
        this.cutUnlessAccepted(connection);
      }
    }
  }

  private cutUnlessAccepted(connection: Connection): void {
    try {
      this.peerOf(connection);
    } catch (error) {
      this.logRefusal(connection.address, error);
      connection.socket.destroy();
    }
  }

  private peerOf(connection: Connection): Peer {
    if (connection.chain.length === 0) {
      return { kind: 'stranger', address: connection.address };
    }
    const { identity, clock, isRevoked } = this.dependencies;
    const { rootPem, clusterId } = identity.get();
    if (connection.verified?.rootPem !== rootPem) {
      const facts = verifyCertificate({
        chain: connection.chain,
        roots: this.currentRoots(rootPem),
        now: clock.now(),
        clusterId,
      });
      connection.verified = { rootPem, facts };
    }
    const { facts } = connection.verified;
    checkValidity(facts, clock.now());
    if (isRevoked(facts.nodeId)) {
      throw certificateRefused('certificate-revoked', `node ${facts.nodeId} was removed from the cluster`);
    }
    return {
      kind: 'node',
      nodeId: facts.nodeId,
      role: facts.role,
      clusterId: facts.clusterId,
      address: connection.address,
    };
  }

  private currentRoots(rootPem: string): readonly X509Certificate[] {
    if (this.roots?.pem !== rootPem) {
      this.roots = { pem: rootPem, certificates: parseCertificates(rootPem) };
    }
    return this.roots.certificates;
  }

  private onConnection(socket: TLSSocket, accept: AcceptSocket): void {
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol !== 'h2' || socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const connection: Connection = {
      socket,
      address: plainAddress(socket.remoteAddress),
      chain: peerChain(socket),
      verified: undefined,
    };
    const peer = this.acceptedPeer(connection);
    if (peer === undefined && !this.limit(socket)) {
      return;
    }
    if (peer?.kind === 'node' && peer.role === 'worker') {
      this.countWorker(peer.nodeId, socket);
    }
    const key = connectionKey(socket);
    this.connections.set(key, connection);
    socket.once('close', () => this.connections.delete(key));
    accept(socket, key);
  }

  /** Undefined for strangers and for refused certificates, whose calls are then answered with the reason. */
  private acceptedPeer(connection: Connection): Peer | undefined {
    try {
      const peer = this.peerOf(connection);
      return peer.kind === 'node' ? peer : undefined;
    } catch (error) {
      this.logRefusal(connection.address, error);
      return undefined;
    }
  }

  /** Bounds number and life of connections without an accepted certificate; false when there are too many. */
  private limit(socket: TLSSocket): boolean {
    const { clock, log } = this.dependencies;
    const [oldest] = this.limited;
    if (oldest !== undefined && this.limited.size >= MAX_STRANGER_CONNECTIONS) {
      if (clock.monotonic() - oldest[1] < STRANGER_GRACE_MS) {
        log.warn({ address: socket.remoteAddress }, 'too many strangers, connection refused');
        socket.destroy();
        return false;
      }
      // Whoever joins is done by now: one that only holds its place keeps nobody out.
      this.limited.delete(oldest[0]);
      oldest[0].destroy();
    }
    this.limited.set(socket, clock.monotonic());
    const timer = clock.after(STRANGER_LIFE_MS, () => socket.destroy());
    socket.once('close', () => {
      timer.cancel();
      this.limited.delete(socket);
    });
    return true;
  }

  private countWorker(nodeId: Id, socket: TLSSocket): void {
    const sockets = this.ofWorkers.get(nodeId) ?? new Set();
    const [oldest] = sockets;
    if (oldest !== undefined && sockets.size >= MAX_CONNECTIONS_PER_WORKER) {
      sockets.delete(oldest);
      oldest.destroy();
    }
    sockets.add(socket);
    this.ofWorkers.set(nodeId, sockets);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.ofWorkers.get(nodeId) === sockets) {
        this.ofWorkers.delete(nodeId);
      }
    });
  }

  private logRefusal(address: string, error: unknown): void {
    const code = error instanceof SkeinError ? error.code : 'certificate-malformed';
    this.dependencies.log.warn({ address, code }, 'client certificate refused');
  }

  private scheduleRecheck(): void {
    this.recheckTimer = this.dependencies.clock.after(RECHECK_PERIOD_MS, () => {
      this.recheck();
      this.scheduleRecheck();
    });
  }
}

function secureContextOptions(identity: Identity) {
  return {
    cert: identity.certificateChainPem,
    key: identity.keyPem,
    ca: identity.rootPem,
    minVersion: 'TLSv1.2',
    // A resumed session would not present its certificate again.
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const;
}

/** A socket of both versions names callers of version 4 by their mapped address (RFC 4291, 2.5.5.2). */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
