// What a stranger or a file can hand to the identity code: tokens, keys, certificates, certificate requests; and the
// texts that users write: addresses, constraints, image names.
import { createHash } from 'node:crypto';
import { parseHostPort } from '../../../daemon/host_addresses.ts';
import { parseCertificates, readFacts, verifyCertificate } from '../../../shared/identity/certificate.ts';
import { createKey, createRequest, importKey } from '../../../shared/identity/keys.ts';
import { createRoot, type RootPair, signNodeCertificate } from '../../../shared/identity/signing.ts';
import { testCluster } from '../../../shared/identity/test/test_cluster.ts';
import { makeJoinToken, parseJoinToken } from '../../../shared/identity/token.ts';
import { makeUnlockKey, parseUnlockKey } from '../../../shared/identity/unlock_key.ts';
import { parseCidr, parseIp } from '../../../shared/model/cidr.ts';
import { parseConstraints } from '../../../shared/model/constraint.ts';
import { seededRandom, systemRandom } from '../../../shared/random.ts';
import { parseReference } from '../../../worker/image/reference.ts';
import { parseRegistryAuth } from '../../../worker/image/registry_auth.ts';
import { applyChanges } from '../../../worker/image/changes.ts';
import type { FuzzTarget } from '../target.ts';

const PARAMETERS = {
  nodeId: 'n'.repeat(25),
  role: 'worker',
  clusterId: 'c'.repeat(25),
  now: 1_700_000_000_000,
  lifeMs: 1000,
} as const;

function texts(name: string, seeds: readonly string[], run: (text: string) => unknown): FuzzTarget {
  return {
    name,
    form: 'text',
    seeds: () => seeds.map((text) => Buffer.from(text)),
    run: (input) => run(input.toString()),
  };
}

/** Base64 of a PEM block, damaged as the DER that it is. */
function der(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
}

function pem(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;
}

function certificates(): readonly FuzzTarget[] {
  let roots: ReturnType<typeof parseCertificates> = [];
  const verify = (text: string) => {
    const chain = parseCertificates(text);
    for (const certificate of chain) {
      try {
        readFacts(certificate);
      } catch {
        // Refused one by one; the whole is what counts.
      }
    }
    verifyCertificate({ chain, roots, now: Date.now(), clusterId: PARAMETERS.clusterId });
  };
  const made = async () => {
    const cluster = await testCluster(PARAMETERS.clusterId);
    roots = parseCertificates(cluster.root.certPem);
    const { certificateChainPem } = await cluster.identity('manager');
    return { leaf: certificateChainPem, root: cluster.root.certPem };
  };
  return [
    {
      name: 'certificates as text',
      form: 'text',
      seeds: async () => {
        const { leaf, root } = await made();
        return [Buffer.from(leaf + root), Buffer.from(leaf)];
      },
      run: (input) => verify(input.toString()),
    },
    {
      name: 'certificate as DER',
      form: 'bytes',
      seeds: async () => {
        const { leaf, root } = await made();
        return [der(leaf), der(root)];
      },
      run: (input) => verify(pem('CERTIFICATE', input)),
    },
  ];
}

function requests(): readonly FuzzTarget[] {
  let root: RootPair | undefined;
  const sign = async (csrPem: string) => {
    root ??= await createRoot(PARAMETERS.now, systemRandom);
    await signNodeCertificate(root, csrPem, PARAMETERS, systemRandom);
  };
  const made = async () => createRequest(await createKey());
  return [
    {
      name: 'certificate request as text',
      form: 'text',
      seeds: async () => [Buffer.from(await made())],
      run: (input) => sign(input.toString()),
    },
    {
      name: 'certificate request as DER',
      form: 'bytes',
      seeds: async () => [der(await made())],
      run: (input) => sign(pem('CERTIFICATE REQUEST', input)),
    },
    {
      name: 'private key',
      form: 'text',
      seeds: async () => [Buffer.from(await createKey())],
      run: (input) => importKey(input.toString()),
    },
  ];
}

export function identityTargets(): readonly FuzzTarget[] {
  const digest = `sha256:${createHash('sha256').update('root').digest('hex')}`;
  return [
    ...certificates(),
    ...requests(),
    texts('join token', [makeJoinToken(digest, seededRandom(1))], parseJoinToken),
    texts('unlock key', [makeUnlockKey(seededRandom(7))], parseUnlockKey),
    texts('CIDR', ['10.0.0.0/24', 'fd00::/64', '::ffff:1.2.3.4/96'], (text) => [
      parseCidr(text),
      parseIp(text),
    ]),
    texts('constraint', ['node.labels.zone == a', 'node.role!=manager', 'engine.labels.x==*'], (text) =>
      parseConstraints([text]),
    ),
    texts('image name', ['registry:5000/a/b:1', 'busybox', `a@sha256:${'0'.repeat(64)}`], parseReference),
    texts('image change', ['CMD ["a","b"]', 'ENV a=b c="d e"', 'EXPOSE 80/tcp', 'LABEL a=b'], (text) =>
      applyChanges([text]),
    ),
    texts('host and port', ['10.0.0.1:2377', '[::1]:80', 'eth0', 'host'], (text) =>
      parseHostPort(text, '--advertise-addr', 2377),
    ),
    texts(
      'registry credentials',
      [Buffer.from('{"username":"a","password":"b","serveraddress":"c"}').toString('base64url')],
      parseRegistryAuth,
    ),
  ];
}
