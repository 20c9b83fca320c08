// Sizes as text ("512m", "1.5GiB") to bytes; every unit is a power of 1024, as docker reads memory.
import { UsageError } from '../errors.ts';

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };
const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i;

/** @returns bytes. @throws UsageError when the text is no size */
export function parseBytes(text: string): number {
  const match = SIZE.exec(text.trim());
  const power = POWERS[(match?.[2] ?? '').toLowerCase()];
  const size = Math.floor(Number(match?.[1]) * 1024 ** (power ?? Number.NaN));
  if (match === null || !Number.isSafeInteger(size)) {
    throw new UsageError(`invalid size: '${text}' (write 512m, 1g or 1.5GiB)`);
  }
  return size;
}
