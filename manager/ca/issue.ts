// Makes the certificate that a node gets, from the cluster's own root and settings. Whether it may have one
// is decided by the caller.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeCertificate, NodeRole } from '../../shared/model/node.ts';
import type { Random } from '../../shared/random.ts';
import { signNodeCertificate } from '../../shared/identity/signing.ts';

/** Swarm's least life of a node certificate. */
export const MIN_CERTIFICATE_LIFE_MS = 60 * 60_000;

export interface IssuedCertificate {
  readonly chainPem: string;
  readonly facts: NodeCertificate;
}

/** Throws `csr-malformed`. The life is the cluster's setting, at least an hour. */
export async function issueNodeCertificate(
  cluster: Pick<Cluster, 'id' | 'spec' | 'rootCa'>,
  request: { readonly csrPem: string; readonly nodeId: Id; readonly role: NodeRole; readonly now: number },
  random: Random,
): Promise<IssuedCertificate> {
  const { nodeId, role, now } = request;
  const lifeMs = Math.max(cluster.spec.ca.nodeCertExpiryMs, MIN_CERTIFICATE_LIFE_MS);
  const parameters = { nodeId, role, now, lifeMs, clusterId: cluster.id };
  const signed = await signNodeCertificate(cluster.rootCa, request.csrPem, parameters, random);
  return {
    chainPem: signed.certificatePem,
    facts: { role, issuedAt: now, expiresAt: signed.notAfter, serial: signed.serial },
  };
}
