// Reads the certificates that the other end of a TLS connection presented.
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** More than a leaf, two cross-signed intermediates and a root is no chain of ours. */
const MAX_PRESENTED_CERTIFICATES = 4;

/** Leaf first; empty when none was presented. The handshake proved possession of the leaf's key, no more. */
export function peerChain(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < MAX_PRESENTED_CERTIFICATES) {
    chain.push(certificate);
    const issuer = certificate.issuerCertificate;
    certificate = issuer?.fingerprint256 === certificate.fingerprint256 ? undefined : issuer;
  }
  return chain;
}
