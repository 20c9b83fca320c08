// The bytes of a backup: a head in the clear, then sealed records, each bound to the head and its place, the last
// one marked as such; so nothing can be changed, moved, left out or appended without being noticed. It knows chunks,
// not what they mean.
//
//   "SKEINBAK" | u32 version | u8 kind of secret | u8 log2 N | u8 r | u8 p | 32 bytes salt
//   u32 length | cipher text and tag      record 0: JSON about the backup; then chunks; then an empty one
import { createCipheriv, createDecipheriv, hkdfSync, scrypt } from 'node:crypto';
import { parseUnlockKey } from '../../shared/identity/unlock_key.ts';
import type { Random } from '../../shared/random.ts';
import { backupDamaged, backupNeeds, backupNewer, backupSecretWrong, passphraseTooShort } from './errors.ts';

export const BACKUP_VERSION = 1;
/** A passphrase shorter than this is guessed; scrypt only makes it slower. */
export const MIN_PASSPHRASE_CHARACTERS = 8;

const MAGIC = Buffer.from('SKEINBAK', 'latin1');
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = MAGIC.length + 4 + 4 + SALT_BYTES;
const LENGTH_BYTES = 4;
/** A chunk of the store is at most 64 KiB; a length beyond this is no length. */
const MAX_RECORD_BYTES = 1024 * 1024;
const KIND = { passphrase: 1, 'unlock-key': 2 } as const;
/** scrypt as of RFC 7914, for files: 32 MiB and about 0.1 s. */
const SCRYPT = { logN: 15, r: 8, p: 1 } as const;
/** Room for later versions to ask for more, and the most that a hostile file can cost: 256 MiB and a few seconds. */
const SCRYPT_MAX = { logN: 18, r: 8, p: 4 } as const;
/** RFC 7914: N is less than 2^(128 r / 8). */
const SCRYPT_LOG_N_PER_R = 16;

export type BackupSecret =
  | { readonly kind: 'passphrase'; readonly text: string }
  | { readonly kind: 'unlock-key'; readonly text: string };

/** What a backup says of itself, sealed as well. */
export interface BackupMeta {
  readonly clusterId: string;
  /** Raft index and term of the state. */
  readonly index: number;
  readonly term: number;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The file's bytes, as they are asked for. @throws SkeinError `backup-passphrase-short`, `unlock-key-malformed` */
export async function* sealBackup(
  meta: BackupMeta,
  chunks: Iterable<Uint8Array>,
  secret: BackupSecret,
  random: Random,
): AsyncGenerator<Buffer, void, undefined> {
  if (secret.kind === 'passphrase' && secret.text.length < MIN_PASSPHRASE_CHARACTERS) {
    throw passphraseTooShort(MIN_PASSPHRASE_CHARACTERS);
  }
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(BACKUP_VERSION, MAGIC.length);
  head.set([KIND[secret.kind], SCRYPT.logN, SCRYPT.r, SCRYPT.p], MAGIC.length + 4);
  head.set(random.bytes(SALT_BYTES), HEAD_BYTES - SALT_BYTES);
  const key = await keyFor(head, secret);
  yield head;
  let record = 0;
  const seal = (plain: Uint8Array, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(record, last)).setAAD(head);
    record += 1;
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(plain.length + TAG_BYTES);
    return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  yield seal(Buffer.from(JSON.stringify(meta)), false);
  for (const chunk of chunks) {
    yield seal(chunk, false);
  }
  yield seal(Buffer.alloc(0), true);
}

export interface OpenedBackup {
  readonly meta: BackupMeta;
  /** To be read to the end: only the end tells that the backup is whole. */
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
}

/** @throws SkeinError of `errors.ts`; `chunks` throws `backup-damaged` where the file was changed or cut */
export async function openBackup(
  source: AsyncIterable<Uint8Array>,
  secret: BackupSecret,
): Promise<OpenedBackup> {
  const reader = new Reader(source);
  const head = await reader.take(HEAD_BYTES);
  checkHead(head, secret);
  const key = await keyFor(head, secret);
  const records = new Records(reader, head, key);
  const first = await records.next();
  if (first === undefined || first.last) {
    throw backupSecretWrong(secret.kind === 'passphrase' ? 'passphrase' : 'unlock key');
  }
  return { meta: parseMeta(first.plain), chunks: chunksOf(records, reader) };
}

async function* chunksOf(records: Records, reader: Reader): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const record = await records.next();
    if (record === undefined) {
      throw backupDamaged(`it was changed at byte ${records.at}`);
    }
    if (!record.last) {
      yield record.plain;
      continue;
    }
    if (!(await reader.ended())) {
      throw backupDamaged('bytes follow its end');
    }
    return;
  }
}

/** Opens one record after the other. */
class Records {
  /** Where the present record begins in the file. */
  at = HEAD_BYTES;
  private readonly reader: Reader;
  private readonly head: Buffer;
  private readonly key: Uint8Array;
  private record = 0;
  private following = HEAD_BYTES;

  constructor(reader: Reader, head: Buffer, key: Uint8Array) {
    this.reader = reader;
    this.head = head;
    this.key = key;
  }

  /** undefined when the record does not open. */
  async next(): Promise<{ readonly plain: Buffer; readonly last: boolean } | undefined> {
    this.at = this.following;
    const length = (await this.reader.take(LENGTH_BYTES)).readUInt32LE(0);
    if (length < TAG_BYTES || length > MAX_RECORD_BYTES) {
      throw backupDamaged(`the length at byte ${this.at} is none`);
    }
    const sealed = await this.reader.take(length);
    this.following = this.at + LENGTH_BYTES + length;
    for (const last of [false, true]) {
      const plain = this.open(sealed, last);
      if (plain !== undefined) {
        this.record += 1;
        return { plain, last };
      }
    }
    return undefined;
  }

  private open(sealed: Buffer, last: boolean): Buffer | undefined {
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce(this.record, last)).setAAD(this.head);
    decipher.setAuthTag(sealed.subarray(end));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
    } catch {
      // The only thing that final() tells: tag and bytes do not fit.
      return undefined;
    }
  }
}

function checkHead(head: Buffer, secret: BackupSecret): void {
  if (!MAGIC.equals(head.subarray(0, MAGIC.length))) {
    throw backupDamaged('it does not begin as one');
  }
  const version = head.readUInt32LE(MAGIC.length);
  if (version > BACKUP_VERSION) {
    throw backupNewer(version, BACKUP_VERSION);
  }
  const [kind = 0, logN = 0, r = 0, p = 0] = head.subarray(MAGIC.length + 4);
  const bounded =
    logN >= 1 &&
    logN <= SCRYPT_MAX.logN &&
    logN < SCRYPT_LOG_N_PER_R * r &&
    r >= 1 &&
    r <= SCRYPT_MAX.r &&
    p >= 1 &&
    p <= SCRYPT_MAX.p;
  if (version < 1 || !bounded || (kind !== KIND.passphrase && kind !== KIND['unlock-key'])) {
    throw backupDamaged('its head makes no sense');
  }
  if (kind !== KIND[secret.kind]) {
    throw backupNeeds(kind === KIND.passphrase ? 'passphrase' : 'unlock key');
  }
}

function keyFor(head: Buffer, secret: BackupSecret): Promise<Uint8Array> {
  const salt = head.subarray(HEAD_BYTES - SALT_BYTES);
  if (secret.kind === 'unlock-key') {
    const key = hkdfSync('sha256', parseUnlockKey(secret.text), salt, 'skein backup 1', KEY_BYTES);
    return Promise.resolve(new Uint8Array(key));
  }
  const [logN = 0, r = 0, p = 0] = head.subarray(MAGIC.length + 5);
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    // maxmem: what scrypt needs by its definition, and some room for the library's own.
    const options = { N, r, p, maxmem: 128 * N * r * p + 64 * 1024 * 1024 };
    scrypt(secret.text.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => {
      if (error === null) {
        resolve(key);
      } else {
        reject(error);
      }
    });
  });
}

function nonce(record: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(NONCE_BYTES);
  bytes.writeUInt8(last ? 1 : 0, 0);
  bytes.writeUIntBE(record, NONCE_BYTES - 6, 6);
  return bytes;
}

function parseMeta(plain: Buffer): BackupMeta {
  let value: unknown;
  try {
    value = JSON.parse(plain.toString());
  } catch {
    throw backupDamaged('what it says of itself is no JSON');
  }
  const field = (name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  const clusterId = field('clusterId');
  const [index, term, createdAt] = ['index', 'term', 'createdAt'].map((name) => Number(field(name)));
  if (
    typeof clusterId !== 'string' ||
    !Number.isSafeInteger(index) ||
    !Number.isSafeInteger(term) ||
    !Number.isFinite(createdAt)
  ) {
    throw backupDamaged('what it says of itself makes no sense');
  }
  return { clusterId, index: index ?? 0, term: term ?? 0, createdAt: createdAt ?? 0 };
}

/** Exact numbers of bytes from chunks of any size. */
class Reader {
  private readonly source: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.rest.length === 0 && !(await this.refill())) {
        throw backupDamaged('it is cut off');
      }
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async ended(): Promise<boolean> {
    return this.rest.length === 0 && !(await this.refill());
  }

  private async refill(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.source.next();
      if (next.done === true) {
        return false;
      }
      this.rest = Buffer.from(next.value);
    }
    return true;
  }
}
