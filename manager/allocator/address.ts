// Internet addresses and prefixes of both families as numbers: parsing, printing and comparing. It knows
// nothing of networks or who holds what. Text forms follow RFC 4291 and RFC 5952.

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A subnet; `base` has no host bits set. */
export interface Prefix {
  readonly family: Family;
  readonly base: bigint;
  readonly length: number;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };
const GROUPS_OF_V6 = 8;

/** The address that the text names, or undefined when it is none. A trailing `/length` is not allowed. */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(':') ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** The prefix that a CIDR names; host bits are cleared. Undefined when the text is no CIDR. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = '', length = '', ...rest] = text.split('/');
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) {
    return undefined;
  }
  const bits = Number(length);
  if (bits > BITS[address.family]) {
    return undefined;
  }
  return prefixAt(address.family, address.value, bits);
}

/** The prefix of the given length that holds the value. */
export function prefixAt(family: Family, value: bigint, length: number): Prefix {
  const hostBits = BigInt(BITS[family] - length);
  return { family, base: (value >> hostBits) << hostBits, length };
}

export function formatAddress(address: Address): string {
  return address.family === 4 ? formatV4(address.value) : formatV6(address.value);
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress({ family: prefix.family, value: prefix.base })}/${prefix.length}`;
}

/** How many addresses the prefix has, network and broadcast address included. */
export function prefixSize(prefix: Prefix): bigint {
  return 1n << BigInt(BITS[prefix.family] - prefix.length);
}

export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.base < b.base + prefixSize(b) && b.base < a.base + prefixSize(a);
}

export function prefixContains(prefix: Prefix, address: Address): boolean {
  return (
    prefix.family === address.family &&
    address.value >= prefix.base &&
    address.value < prefix.base + prefixSize(prefix)
  );
}

/** The part of a CIDR before its slash. */
export function hostOf(cidr: string): string {
  const slash = cidr.indexOf('/');
  return slash === -1 ? cidr : cidr.slice(0, slash);
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) {
    return undefined;
  }
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) {
      return undefined;
    }
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const head = groupsOf(halves[0] ?? '');
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = GROUPS_OF_V6 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) {
    return undefined;
  }
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** 16-bit groups of one side of `::`; the last may be written as an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') {
    return [];
  }
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const v4 = parseV4(part);
      if (v4 === undefined) {
        return undefined;
      }
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function formatV4(value: bigint): string {
  const number = Number(value);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}

/** RFC 5952: lower case, the longest run of two or more zero groups shortened, the first of equals. */
function formatV6(value: bigint): string {
  const groups = Array.from({ length: GROUPS_OF_V6 }, (_, index) =>
    Number((value >> BigInt(16 * (GROUPS_OF_V6 - 1 - index))) & 0xffffn),
  );
  let best = { start: 0, length: 0 };
  for (let start = 0; start < GROUPS_OF_V6; start += 1) {
    let end = start;
    while (end < GROUPS_OF_V6 && groups[end] === 0) {
      end += 1;
    }
    if (end - start > best.length) {
      best = { start, length: end - start };
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) {
    return hex.join(':');
  }
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}
