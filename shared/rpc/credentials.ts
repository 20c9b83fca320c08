// TLS from the client's side: presents our certificate and decides whether the server is the manager it
// should be, by root, cluster and role, never by host name. Each new connection uses the identity of that moment.
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { type TLSSocket, connect } from 'node:tls';
import { CallCredentials, ChannelCredentials, type experimental } from '@grpc/grpc-js';
import type { Clock } from '../clock.ts';
import { SkeinError, errorMessage } from '../errors.ts';
import { parseCertificates, readFacts, verifyCertificate } from '../identity/certificate.ts';
import { certificateRefused } from '../identity/errors.ts';
import type { CurrentIdentity } from '../identity/identity.ts';
import type { Id } from '../model/meta.ts';
import type { NodeRole } from '../model/node.ts';
import { HANDSHAKE_TIMEOUT_MS } from './limits.ts';
import { peerChain } from './peer_chain.ts';

/** On what grounds the two ends trust each other. */
export type Trust =
  /** A node of the cluster: mutual TLS. `nodeId` when only that very node will do; role `manager` unless said. */
  | {
      readonly kind: 'member';
      readonly identity: CurrentIdentity;
      readonly nodeId?: Id;
      readonly role?: NodeRole;
    }
  /** A joining node that knows the root, and nothing else yet. */
  | { readonly kind: 'pinned-root'; readonly rootPem: string }
  /** A joining node that asks for the root, to check it against its token. */
  | { readonly kind: 'unverified' };

export class TrustCredentials extends ChannelCredentials {
  /** Why the newest connection attempt failed in TLS, in words of certificates. */
  lastFailure: SkeinError | undefined;
  /** The certificate that the server presented last. */
  serverCertificate: X509Certificate | undefined;
  private readonly trust: Trust;
  private readonly clock: Clock;

  constructor(dependencies: { readonly clock: Clock }, options: { readonly trust: Trust }) {
    super();
    this.clock = dependencies.clock;
    this.trust = options.trust;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(): experimental.SecureConnector {
    return {
      waitForReady: async () => {
        // The first thing of every attempt: what went wrong with the one before says nothing about it.
        this.lastFailure = undefined;
      },
      connect: async (socket: Socket) => {
        try {
          return { socket: await this.handshake(socket), secure: true };
        } catch (error) {
          this.lastFailure = asTlsError(error);
          throw this.lastFailure;
        }
      },
      getCallCredentials: () => CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  private handshake(socket: Socket): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const secured = connect({
        socket,
        ...this.ownCertificate(),
        // Verification is ours, below: names and addresses mean nothing here.
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
        minVersion: 'TLSv1.2',
      });
      const fail = (error: unknown) => {
        timer.cancel();
        secured.destroy();
        reject(error);
      };
      const onError = (error: Error) => fail(error);
      const onClose = () => fail(new Error('the connection was closed during the TLS handshake'));
      const timer = this.clock.after(HANDSHAKE_TIMEOUT_MS, () =>
        fail(new Error('the TLS handshake took too long')),
      );
      secured.once('error', onError);
      secured.once('close', onClose);
      secured.once('secureConnect', () => {
        timer.cancel();
        secured.off('close', onClose);
        secured.off('error', onError);
        try {
          this.verify(secured);
          resolve(secured);
        } catch (error) {
          fail(error);
        }
      });
    });
  }

  private ownCertificate(): { readonly cert?: string; readonly key?: string } {
    if (this.trust.kind !== 'member') {
      return {};
    }
    const identity = this.trust.identity.get();
    return { cert: identity.certificateChainPem, key: identity.keyPem };
  }

  private verify(socket: TLSSocket): void {
    const chain = peerChain(socket);
    this.serverCertificate = chain[0];
    if (this.trust.kind === 'unverified') {
      return;
    }
    const now = this.clock.now();
    if (this.trust.kind === 'pinned-root') {
      checkRole(
        verifyCertificate({ chain, roots: parseCertificates(this.trust.rootPem), now }).role,
        'manager',
      );
      return;
    }
    const { identity, nodeId, role } = this.trust;
    const { rootPem, clusterId } = identity.get();
    const facts = verifyCertificate({ chain, roots: parseCertificates(rootPem), now, clusterId });
    checkRole(facts.role, role ?? 'manager');
    if (nodeId !== undefined && facts.nodeId !== nodeId) {
      throw certificateRefused(
        'certificate-unexpected',
        `node ${facts.nodeId} answered in the place of node ${nodeId}`,
        { expected: nodeId, actual: facts.nodeId },
      );
    }
  }

  /** Facts of the server's certificate without trust in them; undefined before the first handshake. */
  serverFacts(): ReturnType<typeof readFacts> | undefined {
    return this.serverCertificate === undefined ? undefined : readFacts(this.serverCertificate);
  }
}

function checkRole(actual: NodeRole, expected: NodeRole): void {
  if (actual !== expected) {
    throw certificateRefused('certificate-unexpected', `a ${actual} answered where a ${expected} should`);
  }
}

function asTlsError(error: unknown): SkeinError {
  if (error instanceof SkeinError) {
    return error;
  }
  return new SkeinError('unavailable', 'tls-failed', `TLS handshake failed: ${errorMessage(error)}`, {
    cause: error,
  });
}
