// The identity on disk: `root-ca.crt`, `node.crt` and `node.key` in one directory of mode 0700, files 0600.
// A crash at any point leaves a usable identity: see `saveIdentity`.
import { type X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateRefused, identityLocked, identityMissing, identityUnreadable } from './errors.ts';
import { parseCertificates, verifyCertificate } from './certificate.ts';
import { SkeinError, errorMessage } from '../errors.ts';
import type { Identity } from './identity.ts';
import { isSealed, type Sealing } from './sealing.ts';

const ROOT_FILE = 'root-ca.crt';
const CERTIFICATE_FILE = 'node.crt';
const KEY_FILE = 'node.key';
/** A key that was written, but whose certificate may not have been when the machine stopped. */
const NEXT_KEY_FILE = 'node.key.next';

const KEY_PURPOSE = 'node key';
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Reads and checks the identity. Throws `identity-missing` when the directory holds none,
 * `identity-unreadable` for damaged, unreadable or mismatching files. With `allowExpired` a certificate
 * outside its validity is returned all the same (so that the caller can report or renew it); else it throws
 * `certificate-expired` or `certificate-not-yet-valid`. A key that is sealed needs the `lock`; without it, or with another,
 * it throws `identity-locked` or `sealed-otherwise`.
 */
export async function loadIdentity(
  directory: string,
  now: number,
  options: { readonly allowExpired?: boolean; readonly lock?: Sealing | undefined } = {},
): Promise<Identity> {
  const rootFile = join(directory, ROOT_FILE);
  const certificateFile = join(directory, CERTIFICATE_FILE);
  const [rootPem, chainPem, keyPem, nextKeyPem] = await Promise.all([
    readIfThere(rootFile),
    readIfThere(certificateFile),
    readKeyIfThere(join(directory, KEY_FILE), options.lock),
    readKeyIfThere(join(directory, NEXT_KEY_FILE), options.lock),
  ]);
  if (rootPem === undefined && chainPem === undefined && keyPem === undefined) {
    throw identityMissing(directory);
  }
  if (rootPem === undefined) {
    throw identityUnreadable(rootFile, 'it does not exist');
  }
  if (chainPem === undefined) {
    throw identityUnreadable(certificateFile, 'it does not exist');
  }
  const chain = parseFile(certificateFile, chainPem);
  const roots = parseFile(rootFile, rootPem);
  const leaf = chain[0];
  const key = leaf === undefined ? undefined : await matchingKey(directory, leaf, keyPem, nextKeyPem);
  if (key === undefined) {
    throw identityUnreadable(
      join(directory, KEY_FILE),
      `no private key fits the certificate in ${certificateFile}`,
    );
  }
  const facts = verifyAt(certificateFile, chain, roots, now, options.allowExpired ?? false);
  return {
    nodeId: facts.nodeId,
    clusterId: facts.clusterId,
    role: facts.role,
    certificateChainPem: chainPem,
    keyPem: key,
    rootPem,
  };
}

/**
 * Writes the identity so that every crash leaves either the old or the new one: the new key goes to a file
 * of its own, then root and certificate are replaced, then the key takes its name. A certificate whose key
 * is still in `node.key.next` is completed by the next load.
 * @param lock seals the key; without it the key is in the clear.
 */
export async function saveIdentity(directory: string, identity: Identity, lock?: Sealing): Promise<void> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  await chmod(directory, DIRECTORY_MODE);
  const key = lock === undefined ? identity.keyPem : lock.seal(KEY_PURPOSE, Buffer.from(identity.keyPem));
  await replaceFile(directory, NEXT_KEY_FILE, key);
  await replaceFile(directory, ROOT_FILE, identity.rootPem);
  await replaceFile(directory, CERTIFICATE_FILE, identity.certificateChainPem);
  await rename(join(directory, NEXT_KEY_FILE), join(directory, KEY_FILE));
  await syncDirectory(directory);
}

/** Forgets the identity (the node left its cluster). */
export async function removeIdentity(directory: string): Promise<void> {
  for (const name of [CERTIFICATE_FILE, KEY_FILE, NEXT_KEY_FILE, ROOT_FILE]) {
    await rm(join(directory, name), { force: true });
  }
}

async function matchingKey(
  directory: string,
  leaf: X509Certificate,
  keyPem: string | undefined,
  nextKeyPem: string | undefined,
): Promise<string | undefined> {
  if (keyPem !== undefined && fits(leaf, keyPem)) {
    return keyPem;
  }
  if (nextKeyPem !== undefined && fits(leaf, nextKeyPem)) {
    await rename(join(directory, NEXT_KEY_FILE), join(directory, KEY_FILE));
    return nextKeyPem;
  }
  return undefined;
}

function fits(leaf: X509Certificate, keyPem: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function parseFile(file: string, pem: string): readonly X509Certificate[] {
  try {
    return parseCertificates(pem);
  } catch (error) {
    throw identityUnreadable(file, errorMessage(error), error);
  }
}

function verifyAt(
  file: string,
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
  allowExpired: boolean,
) {
  const leaf = chain[0];
  const validAt = allowExpired && leaf !== undefined ? Date.parse(leaf.validFrom) : now;
  try {
    return verifyCertificate({ chain, roots, now: validAt });
  } catch (error) {
    if (
      error instanceof SkeinError &&
      (error.code === 'certificate-expired' || error.code === 'certificate-not-yet-valid')
    ) {
      throw certificateRefused(
        error.code,
        `${error.message.replace('certificate refused: ', '')} (${file})`,
        error.data,
      );
    }
    throw identityUnreadable(file, errorMessage(error), error);
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return (await readBytesIfThere(file))?.toString('utf8');
}

async function readKeyIfThere(file: string, lock: Sealing | undefined): Promise<string | undefined> {
  const bytes = await readBytesIfThere(file);
  if (bytes === undefined || !isSealed(bytes)) {
    return bytes?.toString('utf8');
  }
  if (lock === undefined) {
    throw identityLocked(file);
  }
  return lock.open(KEY_PURPOSE, bytes, file).toString('utf8');
}

async function readBytesIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw identityUnreadable(file, errorMessage(error), error);
  }
}

/** Temporary file, fsync, rename, fsync of the directory. */
async function replaceFile(directory: string, name: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(directory, `.${name}.tmp`);
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', FILE_MODE);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(directory, name));
  await syncDirectory(directory);
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
