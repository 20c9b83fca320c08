// AES-256-GCM over the records of one file. Each file has its own key, derived from the data key and the
// file's random salt (HKDF-SHA256), so record numbers can be nonces: no nonce repeats under one key as
// long as a file is never written again after it was cut, which the log ensures by starting a new one.
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

export const SALT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

export class Sealer {
  private readonly key: Uint8Array;
  private readonly purpose: Buffer;

  /** @param purpose binds the records to their kind of file and its place, e.g. `wal 17`. */
  constructor(dataKey: Uint8Array, salt: Uint8Array, purpose: string) {
    this.key = new Uint8Array(hkdfSync('sha256', dataKey, salt, `skein raft 1 ${purpose}`, KEY_BYTES));
    this.purpose = Buffer.from(purpose);
  }

  /** Cipher text and tag of the record with this number. */
  seal(record: number, plain: Uint8Array): readonly [Buffer, Buffer] {
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce(record)).setAAD(this.purpose);
    const text = cipher.update(plain);
    cipher.final();
    return [text, cipher.getAuthTag()];
  }

  /** Throws when key, number or bytes are not those of the sealing. */
  open(record: number, sealed: Uint8Array): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce(record)).setAAD(this.purpose);
    const end = Math.max(0, sealed.length - TAG_BYTES);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return plain;
  }
}

function nonce(record: number): Buffer {
  const bytes = Buffer.alloc(NONCE_BYTES);
  bytes.writeUIntBE(record, NONCE_BYTES - 6, 6);
  return bytes;
}
