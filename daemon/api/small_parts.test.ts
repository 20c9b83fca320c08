// The small pure parts of the face, as tables.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { namesImage } from './image_filter.ts';
import { randomName } from './random_name.ts';
import { parseRegistryAuth } from '../../worker/image/registry_auth.ts';
import { stripVersion } from './version.ts';

describe('image patterns', () => {
  it.each([
    ['web', 'web:1', true],
    ['web:1', 'web:1', true],
    ['web:2', 'web:1', false],
    ['w*', 'web:1', true],
    ['w?b:*', 'web:1', true],
    ['*', '10.0.0.5:5000/web:1', false],
    ['*/web', '10.0.0.5:5000/web:1', true],
    ['web', '10.0.0.5:5000/web:1', false],
    ['', 'web:1', false],
  ])('%s names %s: %s', (pattern, tag, expected) => {
    expect(namesImage(pattern, tag)).toBe(expected);
  });

  it('a pattern of many stars is decided at once', () => {
    const began = performance.now();
    expect(namesImage('*a'.repeat(2_000), `${'a'.repeat(1_999)}b:1`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('random names', () => {
  it('are valid as names of services, and differ', () => {
    const random = seededRandom(3);
    const names = Array.from({ length: 200 }, () => randomName(random));
    for (const name of names) {
      expect(name).toMatch(/^[a-z]+_[a-z]+$/);
      expect(name.length).toBeLessThanOrEqual(63);
    }
    expect(new Set(names).size).toBeGreaterThan(190);
    expect(randomName(random, 1)).toMatch(/^[a-z]+_[a-z]+\d$/);
  });
});

describe('registry credentials', () => {
  const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each([
    [
      { username: 'u', password: 'p', serveraddress: 's' },
      { username: 'u', password: 'p', serverAddress: 's' },
    ],
    [{ username: 'u' }, { username: 'u', password: '', serverAddress: '' }],
    [{}, undefined],
    [null, undefined],
    [{ username: 7 }, undefined],
  ])('%j', (sent, read) => {
    expect(parseRegistryAuth(header(sent))).toEqual(read);
  });
});

describe('versions in paths', () => {
  it.each([
    ['/v1.41/services?a=/v1.2/', '/services?a=/v1.2/'],
    ['/services', '/services'],
    ['/v1.50', '/'],
    ['/v1.41?x=1', '?x=1'],
    ['/version', '/version'],
    ['/v1.41beta/x', '/v1.41beta/x'],
  ])('%s is %s', (url, path) => {
    expect(stripVersion(url)).toBe(path);
  });
});
