// Reads and verifies node certificates: chain to a known root, validity, and the subject that names node,
// role and cluster (CN, OU, O as Swarm's). It opens no connection and reads no clock: `now` is an argument.
import { X509Certificate } from 'node:crypto';
import type { Id } from '../model/meta.ts';
import type { NodeRole } from '../model/node.ts';
import { isId } from '../ids.ts';
import { certificateRefused, isoTime } from './errors.ts';

/** Organisational units of node certificates, as Swarm writes them. */
export const ROLE_UNITS: Readonly<Record<NodeRole, string>> = {
  worker: 'swarm-worker',
  manager: 'swarm-manager',
};

/** Longest chain that is looked at: leaf, one cross-signing intermediate each way, root. */
const MAX_CHAIN_LENGTH = 4;
/** Most certificates read from one PEM text. */
const MAX_PEM_CERTIFICATES = 16;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** What a verified certificate says. Times are epoch milliseconds. */
export interface CertificateFacts {
  readonly nodeId: Id;
  readonly role: NodeRole;
  readonly clusterId: Id;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly serial: string;
}

/** Every certificate of a PEM text in order; throws when there is none or one does not parse. */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    throw certificateRefused('certificate-malformed', 'no PEM certificate found');
  }
  return blocks.slice(0, MAX_PEM_CERTIFICATES).map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw certificateRefused('certificate-malformed', 'a certificate does not parse');
    }
  });
}

/**
 * Facts of a leaf without any check of trust or time.
 * Throws `certificate-malformed` when the subject names no node, role or cluster.
 */
export function readFacts(leaf: X509Certificate): CertificateFacts {
  const subject = subjectParts(leaf);
  const nodeId = subject.get('CN') ?? '';
  const clusterId = subject.get('O') ?? '';
  const unit = subject.get('OU');
  const role = unit === ROLE_UNITS.manager ? 'manager' : unit === ROLE_UNITS.worker ? 'worker' : undefined;
  if (!isId(nodeId) || !isId(clusterId) || role === undefined) {
    throw certificateRefused('certificate-malformed', 'its subject names no node id, role and cluster id');
  }
  return {
    nodeId,
    role,
    clusterId,
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    serial: leaf.serialNumber,
  };
}

export interface VerifyOptions {
  /** The presented chain, leaf first. */
  readonly chain: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  readonly now: number;
  /** Checked against the organisation; undefined while joining, when the cluster's id is not yet known. */
  readonly clusterId?: Id;
}

/** Verifies chain, validity and cluster; throws a `CertificateProblem` of kind `unauthenticated`. */
export function verifyCertificate(options: VerifyOptions): CertificateFacts {
  const [leaf, ...intermediates] = options.chain;
  if (leaf === undefined) {
    throw certificateRefused('certificate-malformed', 'none was presented');
  }
  if (!reachesRoot(leaf, intermediates.slice(0, MAX_CHAIN_LENGTH), options.roots)) {
    throw certificateRefused('certificate-untrusted', 'it is not signed by the root of this cluster');
  }
  const facts = readFacts(leaf);
  checkValidity(facts, options.now);
  if (options.clusterId !== undefined && facts.clusterId !== options.clusterId) {
    throw certificateRefused('certificate-foreign', `it belongs to another cluster (${facts.clusterId})`);
  }
  return facts;
}

/** Throws `certificate-expired` or `certificate-not-yet-valid` with both times. */
export function checkValidity(facts: Pick<CertificateFacts, 'notBefore' | 'notAfter'>, now: number): void {
  const data = {
    now: isoTime(now),
    validFrom: isoTime(facts.notBefore),
    validTo: isoTime(facts.notAfter),
  };
  if (now < facts.notBefore) {
    throw certificateRefused(
      'certificate-not-yet-valid',
      `it is valid from ${data.validFrom}, but the clock here says ${data.now}: compare the clocks of both machines`,
      data,
    );
  }
  if (now > facts.notAfter) {
    throw certificateRefused(
      'certificate-expired',
      `it expired at ${data.validTo}, the clock here says ${data.now}`,
      data,
    );
  }
}

/** Depth-bounded walk: signed by a root, or by a presented CA certificate that is. */
function reachesRoot(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): boolean {
  if (roots.some((root) => isSignedBy(certificate, root))) {
    return true;
  }
  return intermediates.some(
    (candidate, index) =>
      candidate.ca &&
      isSignedBy(certificate, candidate) &&
      reachesRoot(candidate, intermediates.toSpliced(index, 1), roots),
  );
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Subject attributes by name; one that occurs twice is dropped, so that it can never be ambiguous. */
function subjectParts(certificate: X509Certificate): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  const repeated = new Set<string>();
  for (const line of certificate.subject.split('\n')) {
    const at = line.indexOf('=');
    const name = line.slice(0, at);
    if (parts.has(name)) {
      repeated.add(name);
    }
    parts.set(name, line.slice(at + 1));
  }
  for (const name of repeated) {
    parts.delete(name);
  }
  return parts;
}
