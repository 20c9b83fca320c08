// What a kernel lacks is told in its own words, and in a few.
import { expect, it } from 'vitest';
import { homeNamespace } from '../../kernel/namespace.ts';
import { encryptionWarnings, missingForEncryption } from './probe.ts';

it.runIf(process.getuid?.() === 0)('is asked without a trace, and answers the same again', () => {
  const first = missingForEncryption(homeNamespace());
  expect(missingForEncryption(homeNamespace())).toBe(first);
  expect(first ?? '').not.toMatch(/192\.0\.2|spi/);
});

it('a warning says what will not work; none where nothing lacks', () => {
  expect(encryptionWarnings(undefined)).toEqual([]);
  expect(encryptionWarnings('Requested AEAD algorithm not found')).toEqual([
    'WARNING: No ESP (Requested AEAD algorithm not found): tasks on networks with --opt encrypted will be refused here',
  ]);
});
