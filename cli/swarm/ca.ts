// skein swarm ca: shows the root certificate, or asks for a new root.
import { readFile } from 'node:fs/promises';
import type { Swarm } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { CliError, messageOf, UsageError } from '../errors.ts';
import { duration, text, toggle } from '../flags/flag.ts';
import { OBJECT_FORMAT, objectPrinter } from '../format/object.ts';
import { SPEC_FLAGS } from './flags.ts';

export const command = defineCommand({
  usage: 'swarm ca [OPTIONS]',
  summary: 'Display and rotate the root CA',
  examples: [['swarm ca', 'print the root certificate of the swarm']],
  flags: {
    'ca-cert': text(
      'Path to the PEM-formatted root CA certificate to use for the new cluster',
      undefined,
      'pem-file',
    ),
    'ca-key': text('Path to the PEM-formatted root CA key to use for the new cluster', undefined, 'pem-file'),
    'cert-expiry': duration('Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)'),
    detach: toggle('Exit immediately instead of waiting for the root rotation to converge', 'd'),
    'external-ca': SPEC_FLAGS['external-ca'],
    format: OBJECT_FORMAT,
    quiet: toggle('Suppress progress output', 'q'),
    rotate: toggle('Rotate the swarm CA - if no certificate or key are provided, new ones will be generated'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags, changed }) {
    const { Version, Spec, TLSInfo } = await api.get<Swarm>('/swarm');
    if (!flags.rotate) {
      if (changed('ca-cert') || changed('ca-key') || changed('cert-expiry') || changed('external-ca')) {
        throw new UsageError('these flags require --rotate');
      }
      if (TLSInfo?.TrustRoot === undefined) {
        throw new CliError('No CA information available');
      }
      const root = TLSInfo.TrustRoot.trimEnd();
      if (flags.format === undefined) {
        stdout.write(`${root}\n`);
      } else {
        objectPrinter(stdout, flags.format)({ TrustRoot: root });
      }
      return 0;
    }
    const [certificate, key] = await Promise.all([readPem(flags['ca-cert']), readPem(flags['ca-key'])]);
    const expiry = flags['cert-expiry'];
    const CAConfig = {
      ...Spec.CAConfig,
      ForceRotate: (Spec.CAConfig?.ForceRotate ?? 0) + 1,
      ...(certificate !== undefined && { SigningCACert: certificate }),
      ...(key !== undefined && { SigningCAKey: key }),
      ...(expiry !== undefined && { NodeCertExpiry: expiry }),
      ...(changed('external-ca') && { ExternalCAs: flags['external-ca'] }),
    };
    await api.post('/swarm/update', { query: { version: Version.Index }, body: { ...Spec, CAConfig } });
    return 0;
  },
});

async function readPem(path: string | undefined): Promise<string | undefined> {
  try {
    return path === undefined ? undefined : await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
