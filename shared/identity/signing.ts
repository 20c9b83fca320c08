// Makes X.509 certificates: the self-signed root of a cluster and the node certificates below it, shaped as
// Swarm's (CN node id, OU role, O cluster id). Who gets one is decided elsewhere, by manager/ca.
import 'reflect-metadata';
import { X509Certificate as NodeCertificate, createPublicKey, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { SkeinError } from '../errors.ts';
import type { Id } from '../model/meta.ts';
import type { NodeRole } from '../model/node.ts';
import type { Random } from '../random.ts';
import { ROLE_UNITS } from './certificate.ts';
import { KEY_ALGORITHM, SIGNATURE_ALGORITHM, createKey, importKey } from './keys.ts';

/** Certificates begin this long before they are issued, so that slow clocks of other nodes take them. */
export const BACKDATE_MS = 60 * 60_000;
/** Swarm's life of a root: 630720000 s. */
const ROOT_LIFE_MS = 20 * 365 * 24 * 60 * 60_000;
const ROOT_NAME = 'skein-ca';
/** RFC 5280 allows 20 octets; 16 random ones cannot repeat. */
const SERIAL_BYTES = 16;
/** A request for a P-256 key is under 600 bytes. */
const MAX_REQUEST_CHARACTERS = 16 * 1024;

export interface RootPair {
  readonly certPem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

/** A new self-signed root of 20 years. */
export async function createRoot(now: number, random: Random): Promise<RootPair> {
  const keyPem = await createKey();
  const keys = await importKey(keyPem);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(random),
    name: [{ CN: [ROOT_NAME] }],
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + ROOT_LIFE_MS),
    keys,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: `${certificate.toString('pem')}\n`, keyPem };
}

export interface NodeCertificateParameters {
  readonly nodeId: Id;
  readonly role: NodeRole;
  readonly clusterId: Id;
  /** When it is issued; its validity begins an hour earlier. Epoch milliseconds. */
  readonly now: number;
  readonly lifeMs: number;
}

/** What the CA remembers of a certificate it made. */
export interface SignedCertificate {
  readonly certificatePem: string;
  readonly notAfter: number;
  readonly serial: string;
}

/**
 * Signs a certificate for the public key of a PKCS#10 request; everything else in the request is ignored.
 * Throws `csr-malformed` (invalid) for a request that does not parse, is not signed by its own key, or
 * holds a key other than ECDSA P-256.
 */
export async function signNodeCertificate(
  root: RootPair,
  csrPem: string,
  parameters: NodeCertificateParameters,
  random: Random,
): Promise<SignedCertificate> {
  const publicKey = await readRequest(csrPem);
  const issuer = new X509Certificate(root.certPem);
  const notAfter = parameters.now + parameters.lifeMs;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(random),
    subject: [
      { O: [parameters.clusterId] },
      { OU: [ROLE_UNITS[parameters.role]] },
      { CN: [parameters.nodeId] },
    ],
    issuer: issuer.subjectName,
    notBefore: new Date(parameters.now - BACKDATE_MS),
    notAfter: new Date(notAfter),
    signingKey: (await importKey(root.keyPem)).privateKey,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: ROLE_UNITS[parameters.role] },
        { type: 'dns', value: parameters.nodeId },
      ]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const certificatePem = `${certificate.toString('pem')}\n`;
  const issued = new NodeCertificate(certificatePem);
  return { certificatePem, notAfter: Date.parse(issued.validTo), serial: issued.serialNumber };
}

/** The public key of a request that was signed with the private key belonging to it. */
async function readRequest(csrPem: string): Promise<webcrypto.CryptoKey> {
  if (csrPem.length > MAX_REQUEST_CHARACTERS) {
    throw requestMalformed('it is too large');
  }
  let verified: boolean;
  let publicKey: webcrypto.CryptoKey;
  try {
    const request = new Pkcs10CertificateRequest(csrPem);
    const jwk = createPublicKey({
      key: Buffer.from(request.publicKey.rawData),
      format: 'der',
      type: 'spki',
    }).export({
      format: 'jwk',
    });
    publicKey = await webcrypto.subtle.importKey('jwk', jwk, KEY_ALGORITHM, true, ['verify']);
    verified = await request.verify();
  } catch {
    throw requestMalformed('it does not parse as a PKCS#10 request for an ECDSA P-256 key');
  }
  if (!verified) {
    throw requestMalformed('its signature does not fit its key');
  }
  return publicKey;
}

function requestMalformed(reason: string): SkeinError {
  return new SkeinError('invalid', 'csr-malformed', `certificate request refused: ${reason}`);
}

/** Positive, without a leading zero octet, as DER wants it. */
function newSerial(random: Random): string {
  const bytes = Buffer.from(random.bytes(SERIAL_BYTES));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
