// Join tokens: round trips, every way to get one wrong, and that no secret shows in an error.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { makeJoinToken, makeJoinTokens, parseJoinToken, roleOfToken, rootDigest } from './token.ts';

const digest = rootDigest('a root');

describe('join tokens', () => {
  it('have Swarm’s shape', () => {
    expect(makeJoinToken(digest, seededRandom(1))).toMatch(/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$/);
  });

  it('give the digest back, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer(), (bytes, seed) => {
        const any = `sha256:${Buffer.from(bytes).toString('hex')}`;
        expect(parseJoinToken(` ${makeJoinToken(any, seededRandom(seed))}\n`).rootDigest).toBe(any);
      }),
    );
  });

  const good = makeJoinToken(digest, seededRandom(2));
  it.each([
    ['nothing', '', 'must begin with SWMTKN-'],
    ['another prefix', good.replace('SWMTKN', 'TOKEN'), 'must begin with SWMTKN-'],
    ['another version', good.replace('-1-', '-9-'), 'version "9"'],
    ['a part too few', good.slice(0, good.lastIndexOf('-')), 'four parts'],
    ['a part too many', `${good}-x`, 'four parts'],
    ['a cut end', good.slice(0, -3), 'they are 50 and 22 (was it cut'],
    ['capital letters', `${good.slice(0, -1)}X`, 'lower-case'],
    ['a digest beyond 256 bits', `SWMTKN-1-${'z'.repeat(50)}-${'0'.repeat(25)}`, 'too large'],
  ])('with %s is refused in words, without being repeated', (_what, text, words) => {
    const parse = () => parseJoinToken(text);
    expect(parse).toThrow(words);
    expect(parse).toThrow(expect.objectContaining({ kind: 'invalid', code: 'token-malformed' }));
    const secret = good.slice(-20);
    expect(parse).not.toThrow(secret);
  });

  it('tell the role, and only the exact token does', () => {
    const tokens = makeJoinTokens(digest, seededRandom(3));
    expect(roleOfToken(tokens.worker, tokens)).toBe('worker');
    expect(roleOfToken(tokens.manager, tokens)).toBe('manager');
    expect(roleOfToken(good, tokens)).toBeUndefined();
    expect(roleOfToken('', tokens)).toBeUndefined();
  });
});
