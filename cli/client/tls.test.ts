// tcp:// with TLS: both sides show certificates; a daemon of another authority is refused before it hears anything.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skein } from '../test/fake_daemon.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** One self-signed certificate is authority, daemon and client at once: what is tested is who checks whom. */
async function selfSigned(name: string): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
        new x509.BasicConstraintsExtension(true, undefined, true),
      ],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
}

describe('TLS', () => {
  let directory: string;
  let server: Server;
  let host: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skein-cli-tls-'));
    const [own, stranger] = [await selfSigned('skein'), await selfSigned('stranger')];
    for (const [prefix, pair] of [
      ['', own],
      ['stranger-', stranger],
    ] as const) {
      await writeFile(join(directory, `${prefix}ca.pem`), pair.cert);
      await writeFile(join(directory, `${prefix}cert.pem`), pair.cert);
      await writeFile(join(directory, `${prefix}key.pem`), pair.key, { mode: 0o600 });
    }
    server = createServer(
      { cert: own.cert, key: own.key, ca: own.cert, requestCert: true, rejectUnauthorized: true },
      (_request, response) => response.end('[]'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    host = `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });

  it('by the environment, as the docker command takes it', async () => {
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: directory };
    expect(await skein(['service', 'ls', '-q'], { host, env })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('by flags; a daemon of another authority is refused', async () => {
    const file = (name: string) => join(directory, name);
    const words = (ca: string) => [
      ...['--tlsverify', '--tlscacert', file(ca), '--tlscert', file('cert.pem'), '--tlskey', file('key.pem')],
      ...['-H', host, 'service', 'ls', '-q'],
    ];
    expect((await skein(words('ca.pem'))).code).toBe(0);
    const refused = await skein(words('stranger-ca.pem'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`cannot ask the daemon at ${host}: `);
  });

  it('without TLS, or without its files, says what is missing', async () => {
    expect((await skein(['service', 'ls'], { host })).stderr).toContain('does it want TLS (--tlsverify)?');
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(directory, 'none') };
    expect((await skein(['service', 'ls'], { host, env })).stderr).toContain('cannot read TLS file');
  });
});
