// Join tokens, `SWMTKN-1-<digest of the root>-<secret>` as Docker Swarm's: 50 base36 characters of the
// root's SHA-256, then 25 of a 16-byte secret. Making, parsing, comparing; issuing is manager/ca's.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RootCa } from '../model/cluster.ts';
import type { NodeRole } from '../model/node.ts';
import type { Random } from '../random.ts';
import { tokenMalformed } from './errors.ts';

const TOKEN_PREFIX = 'SWMTKN';
const TOKEN_VERSION = '1';
/** 256 bits in base36. */
const DIGEST_CHARACTERS = 50;
/** 128 bits in base36. */
const SECRET_CHARACTERS = 25;
const SECRET_BYTES = 16;
const DIGEST_BYTES = 32;
const DIGEST_PREFIX = 'sha256:';

export interface JoinToken {
  /** `sha256:<64 hex>` of the root certificate's PEM. */
  readonly rootDigest: string;
  readonly secret: string;
}

/** `sha256:<hex>` over the exact bytes of the PEM text. */
export function rootDigest(rootPem: string): string {
  return DIGEST_PREFIX + createHash('sha256').update(rootPem, 'utf8').digest('hex');
}

/** A new token for the root with that digest. */
export function makeJoinToken(digest: string, random: Random): string {
  const hex = digest.startsWith(DIGEST_PREFIX) ? digest.slice(DIGEST_PREFIX.length) : '';
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw tokenMalformed(`"${digest}" is no sha256 digest`);
  }
  const encodedDigest = toBase36(Buffer.from(hex, 'hex'), DIGEST_CHARACTERS);
  const secret = toBase36(random.bytes(SECRET_BYTES), SECRET_CHARACTERS);
  return `${TOKEN_PREFIX}-${TOKEN_VERSION}-${encodedDigest}-${secret}`;
}

/** Both tokens of a new cluster. */
export function makeJoinTokens(
  digest: string,
  random: Random,
): { readonly worker: string; readonly manager: string } {
  return { worker: makeJoinToken(digest, random), manager: makeJoinToken(digest, random) };
}

/** New tokens in place of those that are to be rotated: the old ones let nobody in any more. Members stay. */
export function rotateJoinTokens(
  rootCa: RootCa,
  rotate: { readonly worker: boolean; readonly manager: boolean },
  random: Random,
): RootCa {
  const { worker, manager } = rootCa.joinTokens;
  return {
    ...rootCa,
    joinTokens: {
      worker: rotate.worker ? makeJoinToken(rootCa.digest, random) : worker,
      manager: rotate.manager ? makeJoinToken(rootCa.digest, random) : manager,
    },
  };
}

/** Throws `token-malformed`, which never repeats the token. */
export function parseJoinToken(text: string): JoinToken {
  const [prefix, version, digest, secret, ...rest] = text.trim().split('-');
  if (prefix !== TOKEN_PREFIX) {
    throw tokenMalformed(`it must begin with ${TOKEN_PREFIX}-`);
  }
  if (version !== TOKEN_VERSION) {
    throw tokenMalformed(`version "${(version ?? '').slice(0, 8)}" is not known, ${TOKEN_VERSION} is`);
  }
  if (digest === undefined || secret === undefined || rest.length > 0) {
    throw tokenMalformed('it must have four parts separated by "-"');
  }
  if (digest.length !== DIGEST_CHARACTERS || secret.length !== SECRET_CHARACTERS) {
    throw tokenMalformed(
      `its parts must be ${DIGEST_CHARACTERS} and ${SECRET_CHARACTERS} characters long, ` +
        `they are ${digest.length} and ${secret.length} (was it cut when copied?)`,
    );
  }
  if (!/^[0-9a-z]+$/.test(digest + secret)) {
    throw tokenMalformed('its parts may hold only digits and lower-case letters');
  }
  const hex = fromBase36(digest)
    .toString(16)
    .padStart(DIGEST_BYTES * 2, '0');
  if (hex.length > DIGEST_BYTES * 2) {
    throw tokenMalformed('its digest is too large');
  }
  return { rootDigest: DIGEST_PREFIX + hex, secret };
}

/** The role that the presented token gives, or undefined; takes the same time whatever matches. */
export function roleOfToken(
  presented: string,
  tokens: { readonly worker: string; readonly manager: string },
): NodeRole | undefined {
  const text = presented.trim();
  const worker = equalInConstantTime(text, tokens.worker);
  const manager = equalInConstantTime(text, tokens.manager);
  return manager ? 'manager' : worker ? 'worker' : undefined;
}

/** Compares digests of both, so that neither length nor content shows in the time. */
export function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(left), digest(right));
}

function toBase36(bytes: Uint8Array, characters: number): string {
  let value = 0n;
  for (const byte of bytes) {
    value = (value << 8n) | BigInt(byte);
  }
  return value.toString(36).padStart(characters, '0');
}

function fromBase36(text: string): bigint {
  let value = 0n;
  for (const character of text) {
    value = value * 36n + BigInt(Number.parseInt(character, 36));
  }
  return value;
}
