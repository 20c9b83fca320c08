// Certificates: what a joining or renewing node asks of the leader's CA.
import type { Id } from '../model/meta.ts';
import type { NodeAvailability, NodeRole } from '../model/node.ts';
import type { CallContext } from './peer.ts';

export interface IssueCertificateRequest {
  /** PKCS#10 request, PEM; only its public key is used. */
  readonly csrPem: string;
  /** Join token; empty when a node with a valid certificate renews (it is known by that). */
  readonly token: string;
  /** Asked for at join; ignored on renewal. */
  readonly availability: NodeAvailability;
}

export interface IssueCertificateResponse {
  readonly nodeId: Id;
  readonly role: NodeRole;
  /** Leaf first, then intermediates. */
  readonly certificateChainPem: string;
  readonly rootCertPem: string;
}

/** Both calls work without a client certificate; `issueCertificate` then needs a token. */
export interface CaService {
  getRootCertificate(context: CallContext): Promise<{ readonly certPem: string }>;
  issueCertificate(request: IssueCertificateRequest, context: CallContext): Promise<IssueCertificateResponse>;
}
