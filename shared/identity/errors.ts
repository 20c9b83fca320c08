// The documented errors of certificates, join tokens and enrolment. Messages say what to do; none holds a
// token or a key.
import { SkeinError } from '../errors.ts';

/** `token-malformed` (invalid): the text is no join token; `reason` says which part. */
export function tokenMalformed(reason: string): SkeinError {
  return new SkeinError(
    'invalid',
    'token-malformed',
    `invalid join token: ${reason}. Ask a manager for the right one: skein swarm join-token worker (or manager)`,
  );
}

/** `ca-mismatch` (denied): the manager's root certificate is not the one that the token names. */
export function caMismatch(expected: string, actual: string): SkeinError {
  return new SkeinError(
    'denied',
    'ca-mismatch',
    `remote CA does not match fingerprint. Expected: ${expected}, got: ${actual}. ` +
      'The token belongs to another cluster, or the address is not one of its managers',
    { data: { expected, actual } },
  );
}

/** `clock-skew` (invalid): the clocks of two machines differ by more than certificates forgive. */
export function clockSkew(what: string, nowMs: number, fromMs: number, toMs: number): SkeinError {
  const now = isoTime(nowMs);
  const from = isoTime(fromMs);
  const to = isoTime(toMs);
  return new SkeinError(
    'invalid',
    'clock-skew',
    `${what} is valid from ${from} to ${to}, but the clock of this machine says ${now}: ` +
      'set the clocks of both machines and try again',
    { data: { now, validFrom: from, validTo: to } },
  );
}

/** `identity-missing` (not-found): the directory holds no identity at all: the node is in no cluster. */
export function identityMissing(directory: string): SkeinError {
  return new SkeinError('not-found', 'identity-missing', `no node identity in ${directory}`, {
    data: { directory },
  });
}

/** `identity-locked` (unavailable): the key of the certificate is sealed, and nobody has unlocked this manager. */
export function identityLocked(file: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'identity-locked',
    `${file} is sealed: unlock this manager first (skein swarm unlock)`,
    { data: { file }, retryable: false },
  );
}

/** `identity-unreadable` (internal): a file of the identity is missing, unreadable or damaged. */
export function identityUnreadable(file: string, reason: string, cause?: unknown): SkeinError {
  return new SkeinError(
    'internal',
    'identity-unreadable',
    `cannot use ${file}: ${reason}. Restore the file, or leave the cluster (skein swarm leave --force) and join again`,
    { data: { file }, cause },
  );
}

/** Why a presented certificate is not accepted; each is of kind `unauthenticated`. */
export type CertificateProblem =
  /** No known root signed it: self-signed, or another cluster's. */
  | 'certificate-untrusted'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  /** Its organisation is not this cluster. */
  | 'certificate-foreign'
  /** Subject without node id or role. */
  | 'certificate-malformed'
  /** Its node was removed from the cluster. */
  | 'certificate-revoked'
  /** A valid certificate of a node other than the one that was called. */
  | 'certificate-unexpected';

export function certificateRefused(
  problem: CertificateProblem,
  detail: string,
  data: Readonly<Record<string, string>> = {},
): SkeinError {
  return new SkeinError('unauthenticated', problem, `certificate refused: ${detail}`, { data });
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
