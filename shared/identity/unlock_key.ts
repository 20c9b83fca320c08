// The key that an operator keeps and types: `SWMKEY-1-` and 32 random bytes in base64 without padding, as Swarm's.
import { SkeinError } from '../errors.ts';
import type { Random } from '../random.ts';

const PREFIX = 'SWMKEY-1-';
const KEY_BYTES = 32;
/** 32 bytes in base64 without padding. */
const PATTERN = /^SWMKEY-1-([A-Za-z0-9+/]{43})$/;

export function makeUnlockKey(random: Random): string {
  return PREFIX + Buffer.from(random.bytes(KEY_BYTES)).toString('base64').replace(/=+$/, '');
}

/** The key's bytes. @throws SkeinError `unlock-key-malformed`; the message does not repeat the text */
export function parseUnlockKey(text: string): Uint8Array {
  const encoded = PATTERN.exec(text.trim())?.[1];
  if (encoded === undefined) {
    throw new SkeinError(
      'invalid',
      'unlock-key-malformed',
      `this is no unlock key: one begins with ${PREFIX} and has 43 characters after that`,
    );
  }
  return Buffer.from(encoded, 'base64');
}
