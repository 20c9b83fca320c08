// Keys at rest under another key: AES-256-GCM with a fresh key per sealing (HKDF-SHA256 over a random salt), bound
// to what it is for. Knows bytes only; which files are sealed, and under what, is their owners' business.
//
//   "SKEINSEAL" | u8 version | 32 bytes salt | cipher text | 16 bytes tag
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { SkeinError } from '../errors.ts';
import type { Random } from '../random.ts';

const MAGIC = Buffer.from('SKEINSEAL', 'latin1');
export const SEAL_VERSION = 1;
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = MAGIC.length + 1 + SALT_BYTES;

/** True for what `seal` made, of any version. */
export function isSealed(bytes: Uint8Array): boolean {
  return MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

/** One key that seals and opens. */
export class Sealing {
  readonly key: Uint8Array;
  private readonly random: Random;

  /** @param key 32 bytes. */
  constructor(key: Uint8Array, random: Random) {
    this.key = key;
    this.random = random;
  }

  /** @param purpose must be the same at `open`: a sealed data key does not pass for a sealed certificate key. */
  seal(purpose: string, plain: Uint8Array): Buffer {
    const salt = this.random.bytes(SALT_BYTES);
    const head = Buffer.concat([MAGIC, Buffer.from([SEAL_VERSION]), salt]);
    const cipher = createCipheriv('aes-256-gcm', this.keyFor(salt), Buffer.alloc(NONCE_BYTES));
    cipher.setAAD(aad(head, purpose));
    return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws SkeinError `sealed-newer` or `sealed-otherwise` (another key, another purpose, or damage) */
  open(purpose: string, sealed: Uint8Array, what: string): Buffer {
    const version = sealed[MAGIC.length] ?? 0;
    if (isSealed(sealed) && version > SEAL_VERSION) {
      throw new SkeinError(
        'internal',
        'sealed-newer',
        `${what} is sealed in format version ${version}, this skein reads up to ${SEAL_VERSION}: start it with the newer skein that wrote it`,
      );
    }
    try {
      const head = sealed.subarray(0, HEAD_BYTES);
      const salt = head.subarray(MAGIC.length + 1);
      const end = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', this.keyFor(salt), Buffer.alloc(NONCE_BYTES));
      decipher.setAAD(aad(head, purpose)).setAuthTag(sealed.subarray(end));
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, end)), decipher.final()]);
    } catch (cause) {
      throw new SkeinError(
        'denied',
        'sealed-otherwise',
        `${what} cannot be opened with this key: it was sealed with another one, or is damaged`,
        { cause },
      );
    }
  }

  private keyFor(salt: Uint8Array): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.key, salt, 'skein sealing 1', KEY_BYTES));
  }
}

function aad(head: Uint8Array, purpose: string): Buffer {
  return Buffer.concat([head, Buffer.from(purpose)]);
}
