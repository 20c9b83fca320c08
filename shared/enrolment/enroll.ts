// How a node gets its identity: joining by token, and renewing with the certificate it has. The client's
// side only; the keys never leave this process but into the returned identity.
import { createPrivateKey } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { SkeinError, errorMessage } from '../errors.ts';
import { parseCertificates, verifyCertificate } from '../identity/certificate.ts';
import { caMismatch, clockSkew } from '../identity/errors.ts';
import { CurrentIdentity, type Identity } from '../identity/identity.ts';
import { createKey, createRequest } from '../identity/keys.ts';
import { equalInConstantTime, parseJoinToken, rootDigest } from '../identity/token.ts';
import type { NodeAvailability } from '../model/node.ts';
import type { CaService, IssueCertificateResponse } from '../protocol/ca.ts';
import type { CallContext } from '../protocol/peer.ts';
import { client } from '../rpc/client.ts';
import { RpcConnection, type RpcTarget } from '../rpc/connection.ts';
import type { MethodTable } from '../rpc/method.ts';

export interface EnrollDependencies {
  readonly clock: Clock;
  /** The CA's methods as shared/wire describes them. */
  readonly caMethods: MethodTable<CaService>;
}

export interface EnrollOptions {
  /** Managers to ask, `host:port`, in this order; the next one is asked only when one cannot be reached. */
  readonly addresses: readonly string[];
  readonly token: string;
  readonly availability: NodeAvailability;
  readonly signal: AbortSignal;
}

export interface RenewOptions {
  /** The one held now. */
  readonly identity: Identity;
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Joins a cluster: asks for its root, checks that against the token, and has a new key certified. Throws
 * `token-malformed`; `ca-mismatch`; `token-refused` (wrong or rotated); `clock-skew`; `unreachable` or
 * `managers-unreachable`. Nothing is written and the given token is not kept.
 */
export async function enroll(dependencies: EnrollDependencies, options: EnrollOptions): Promise<Identity> {
  const token = parseJoinToken(options.token);
  const { signal, availability } = options;
  const keyPem = await createKey();
  const request = { csrPem: await createRequest(keyPem), token: options.token.trim(), availability };
  return await fromAny(options.addresses, async (address) => {
    const rootPem = await fetchRoot(dependencies, address, signal);
    const digest = rootDigest(rootPem);
    if (!equalInConstantTime(digest, token.rootDigest)) {
      throw caMismatch(token.rootDigest, digest);
    }
    const target: RpcTarget = { kind: 'tcp', address, trust: { kind: 'pinned-root', rootPem } };
    const response = await withCa(dependencies, target, (ca) =>
      ca.issueCertificate(request, ownCall(signal)),
    );
    return accept(dependencies.clock, response, keyPem);
  });
}

/**
 * A new certificate for a new key, known by the one held now; its role is the one the cluster wants the node
 * to have. Throws `node-removed`, `demotion-pending` (retry later), `certificate-expired` and the
 * transport's errors. The caller saves the identity and sets it as current.
 */
export async function renew(dependencies: EnrollDependencies, options: RenewOptions): Promise<Identity> {
  const { signal } = options;
  const identity = new CurrentIdentity(options.identity);
  const keyPem = await createKey();
  const request = { csrPem: await createRequest(keyPem), token: '', availability: 'active' } as const;
  return await fromAny(options.addresses, async (address) => {
    const target: RpcTarget = { kind: 'tcp', address, trust: { kind: 'member', identity } };
    const response = await withCa(dependencies, target, (ca) =>
      ca.issueCertificate(request, ownCall(signal)),
    );
    return accept(dependencies.clock, response, keyPem);
  });
}

/** The root as the manager tells it, without any trust in the answer. */
async function fetchRoot(
  dependencies: EnrollDependencies,
  address: string,
  signal: AbortSignal,
): Promise<string> {
  const target: RpcTarget = { kind: 'tcp', address, trust: { kind: 'unverified' } };
  const { certPem } = await withCa(dependencies, target, (ca) => ca.getRootCertificate(ownCall(signal)));
  return certPem;
}

async function withCa<T>(
  dependencies: EnrollDependencies,
  target: RpcTarget,
  ask: (ca: CaService) => Promise<T>,
): Promise<T> {
  const connection = new RpcConnection({ clock: dependencies.clock }, { target });
  try {
    return await ask(client(dependencies.caMethods, connection));
  } catch (error) {
    throw clockError(error, connection) ?? error;
  } finally {
    connection.close();
  }
}

/** A server certificate outside its validity means, nearly always, that one of the clocks is wrong. */
function clockError(error: unknown, connection: RpcConnection): SkeinError | undefined {
  const facts = connection.serverFacts();
  const isTime =
    error instanceof SkeinError &&
    (error.code === 'certificate-not-yet-valid' || error.code === 'certificate-expired');
  if (!isTime || facts === undefined) {
    return undefined;
  }
  const now = connection.clock.now();
  if (now >= facts.notBefore && now <= facts.notAfter) {
    // Its own certificate is fine: the manager refused ours, and says both times itself.
    return undefined;
  }
  const what = `the certificate of the manager at ${connection.address}`;
  return clockSkew(what, now, facts.notBefore, facts.notAfter);
}

/** Checks that what was issued is usable here and now, and fits the key. */
function accept(clock: Clock, response: IssueCertificateResponse, keyPem: string): Identity {
  const chain = parseCertificates(response.certificateChainPem);
  const roots = parseCertificates(response.rootCertPem);
  const leaf = chain[0];
  if (leaf?.checkPrivateKey(createPrivateKey(keyPem)) !== true) {
    throw new SkeinError(
      'internal',
      'certificate-mismatch',
      'the manager issued a certificate for another key',
    );
  }
  const now = clock.now();
  const notBefore = Date.parse(leaf.validFrom);
  const notAfter = Date.parse(leaf.validTo);
  if (now < notBefore || now > notAfter) {
    throw clockSkew('the certificate that the manager issued just now', now, notBefore, notAfter);
  }
  const facts = verifyCertificate({ chain, roots, now });
  return {
    nodeId: facts.nodeId,
    clusterId: facts.clusterId,
    role: facts.role,
    certificateChainPem: response.certificateChainPem,
    keyPem,
    rootPem: response.rootCertPem,
  };
}

/** Asks one address after the other until one answers; an answer that is an error is final. */
async function fromAny<T>(addresses: readonly string[], ask: (address: string) => Promise<T>): Promise<T> {
  const failures: SkeinError[] = [];
  for (const address of addresses) {
    try {
      return await ask(address);
    } catch (error) {
      if (!(error instanceof SkeinError) || (error.kind !== 'unavailable' && error.kind !== 'timeout')) {
        throw error;
      }
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === 1) {
    throw first;
  }
  throw new SkeinError(
    'unavailable',
    'managers-unreachable',
    first === undefined
      ? 'no manager address is known: name one'
      : `none of the managers ${addresses.join(', ')} can be asked; the first one: ${errorMessage(first)}`,
    { data: { addresses: addresses.join(',') }, cause: first },
  );
}

function ownCall(signal: AbortSignal): CallContext {
  return { peer: { kind: 'local' }, signal };
}
