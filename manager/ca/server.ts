// The certificate authority of the leader: lets nodes in by token and renews by certificate. A certificate
// is handed out only after the store has committed the node that it names.
import type { Clock } from '../../shared/clock.ts';
import { newId } from '../../shared/ids.ts';
import { roleOfToken } from '../../shared/identity/token.ts';
import type { Logger } from '../../shared/log.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Node, NodeRole } from '../../shared/model/node.ts';
import type {
  CaService,
  IssueCertificateRequest,
  IssueCertificateResponse,
} from '../../shared/protocol/ca.ts';
import type { CallContext, Peer } from '../../shared/protocol/peer.ts';
import type { Random } from '../../shared/random.ts';
import type { ReadView, Store } from '../store/api.ts';
import {
  demotionPending,
  noCluster,
  nodeRemoved,
  roleChanging,
  tokenMissing,
  tokenRefused,
  tooManyRequests,
} from './errors.ts';
import { type IssuedCertificate, issueNodeCertificate } from './issue.ts';
import { joinedNode } from './joined_node.ts';
import { decideRole } from './role.ts';

/** Signing takes about a millisecond of one core: more at once only wait for each other. */
const MAX_CONCURRENT_REQUESTS = 64;
/** Tries of a renewal whose role changes between signing and commit. */
const MAX_RENEWAL_TRIES = 3;

export interface CaServerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class CaServer implements CaService {
  private readonly dependencies: CaServerDependencies;
  private running = 0;

  constructor(dependencies: CaServerDependencies, _options: Readonly<Record<string, never>> = {}) {
    this.dependencies = dependencies;
  }

  async getRootCertificate(_context: CallContext): Promise<{ readonly certPem: string }> {
    return { certPem: theCluster(this.dependencies.store.view).rootCa.certPem };
  }

  /** With a token: a new node. Without: the renewal of the calling certificate's node. */
  async issueCertificate(
    request: IssueCertificateRequest,
    context: CallContext,
  ): Promise<IssueCertificateResponse> {
    if (this.running >= MAX_CONCURRENT_REQUESTS) {
      throw tooManyRequests(MAX_CONCURRENT_REQUESTS);
    }
    this.running += 1;
    try {
      if (request.token !== '') {
        return await this.join(request, context.peer);
      }
      if (context.peer.kind !== 'node') {
        throw tokenMissing();
      }
      return await this.renew(request.csrPem, context.peer.nodeId);
    } finally {
      this.running -= 1;
    }
  }

  private async join(request: IssueCertificateRequest, peer: Peer): Promise<IssueCertificateResponse> {
    const { store, clock, random, log } = this.dependencies;
    const cluster = theCluster(store.view);
    const role = roleFor(request.token, cluster);
    const nodeId = newId(random);
    const { csrPem } = request;
    const issued = await issueNodeCertificate(cluster, { csrPem, nodeId, role, now: clock.now() }, random);
    const address = peer.kind === 'local' ? '' : peer.address;
    const node = joinedNode(nodeId, role, request.availability, address, issued);
    await store.update((tx) => {
      // The token may have been rotated while the certificate was made.
      roleFor(request.token, theCluster(tx));
      tx.create('node', node);
    });
    log.info({ nodeId, role, address }, 'node joined');
    return response(nodeId, role, issued, cluster);
  }

  private async renew(csrPem: string, nodeId: Id): Promise<IssueCertificateResponse> {
    const { store, clock, random, log } = this.dependencies;
    let role: NodeRole = 'worker';
    for (let tries = 0; tries < MAX_RENEWAL_TRIES; tries += 1) {
      const cluster = theCluster(store.view);
      const now = clock.now();
      role = roleOfRenewal(store.view, nodeId, now);
      const issued = await issueNodeCertificate(cluster, { csrPem, nodeId, role, now }, random);
      const signedRole = role;
      const committed = await store.update((tx) => {
        if (roleOfRenewal(tx, nodeId, now) !== signedRole) {
          return false;
        }
        tx.update('node', { ...liveNode(tx, nodeId), role: signedRole, certificate: issued.facts });
        return true;
      });
      if (committed) {
        log.info({ nodeId, role, expiresAt: issued.facts.expiresAt }, 'certificate renewed');
        return response(nodeId, role, issued, cluster);
      }
    }
    throw roleChanging(nodeId, role);
  }
}

/** Whether the certificates of that node are refused: for the TLS listener, at every call. */
export function isRevoked(view: ReadView, nodeId: Id): boolean {
  for (const cluster of view.all('cluster')) {
    if (cluster.revoked.some((entry) => entry.nodeId === nodeId)) {
      return true;
    }
  }
  return false;
}

function theCluster(view: ReadView): Cluster {
  for (const cluster of view.all('cluster')) {
    return cluster;
  }
  throw noCluster();
}

function roleFor(token: string, cluster: Cluster): NodeRole {
  const role = roleOfToken(token, cluster.rootCa.joinTokens);
  if (role === undefined) {
    throw tokenRefused();
  }
  return role;
}

function liveNode(view: ReadView, nodeId: Id): Node {
  const node = view.get('node', nodeId);
  if (node === undefined || isRevoked(view, nodeId)) {
    throw nodeRemoved(nodeId);
  }
  return node;
}

function roleOfRenewal(view: ReadView, nodeId: Id, now: number): NodeRole {
  const decision = decideRole(liveNode(view, nodeId), now);
  if (decision.kind === 'wait') {
    throw demotionPending(nodeId);
  }
  return decision.role;
}

function response(
  nodeId: Id,
  role: NodeRole,
  issued: IssuedCertificate,
  cluster: Cluster,
): IssueCertificateResponse {
  return { nodeId, role, certificateChainPem: issued.chainPem, rootCertPem: cluster.rootCa.certPem };
}
