// Object ids: 25 characters of base36 from 128 random bits, as Swarm's, so every client takes them.
import type { Id } from './model/meta.ts';
import type { Random } from './random.ts';

const ID_LENGTH = 25;
const ID_BYTES = 16;

export function newId(random: Random): Id {
  let value = 0n;
  for (const byte of random.bytes(ID_BYTES)) {
    value = (value << 8n) | BigInt(byte);
  }
  return value.toString(36).padStart(ID_LENGTH, '0');
}

export function isId(text: string): boolean {
  return /^[0-9a-z]{25}$/.test(text);
}
