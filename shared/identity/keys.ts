// Keys and certificate requests: ECDSA P-256 by node's crypto, PKCS#10 by @peculiar/x509.
import 'reflect-metadata';
import { createPrivateKey, generateKeyPair, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { SkeinError } from '../errors.ts';

const generate = promisify(generateKeyPair);

/** WebCrypto's name of the only key type that skein makes. */
export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const SIGNATURE_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A new ECDSA P-256 key, PKCS#8 PEM. */
export async function createKey(): Promise<string> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The WebCrypto pair of a PEM key; throws `key-malformed` when it is no P-256 key. */
export async function importKey(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  try {
    const key = createPrivateKey(keyPem);
    const jwk = key.export({ format: 'jwk' });
    const { d: _private, ...publicPart } = jwk;
    return {
      privateKey: await webcrypto.subtle.importKey('jwk', jwk, KEY_ALGORITHM, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('jwk', publicPart, KEY_ALGORITHM, true, ['verify']),
    };
  } catch {
    // The cause may quote the key, so it is not kept.
    throw new SkeinError('invalid', 'key-malformed', 'the private key is no ECDSA P-256 key in PEM form');
  }
}

/** A PKCS#10 request (PEM) that proves possession of the key; the CA takes nothing but the public key from it. */
export async function createRequest(keyPem: string): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=skein',
    keys: await importKey(keyPem),
    signingAlgorithm: SIGNATURE_ALGORITHM,
  });
  return `${request.toString('pem')}\n`;
}
