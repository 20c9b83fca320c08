// Internet addresses and prefixes of both families as numbers: parsing, printing and comparing. Nothing here
// knows of networks, nodes, or who holds what. Text forms follow RFC 4291 and RFC 5952.

export type Family = 4 | 6;

export interface IpAddress {
  readonly family: Family;
  readonly value: bigint;
}

/** A prefix of addresses, such as a subnet. */
export interface Cidr {
  readonly family: Family;
  /** First address, without host bits. */
  readonly base: bigint;
  readonly length: number;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };
const GROUPS_OF_V6 = 8;

/** The address that the text names, or undefined when it is none. A trailing `/length` is not allowed. */
export function parseIp(text: string): IpAddress | undefined {
  const value = text.includes(':') ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** The prefix that a CIDR names; host bits are cleared. Undefined when the text is no CIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const parsed = parseWithHost(text);
  return parsed && cidrAt(parsed.address.family, parsed.address.value, parsed.length);
}

/** True when the text names an address inside a prefix, as `10.0.0.1/24` does, and not the prefix itself. */
export function hasHostBits(text: string): boolean {
  const parsed = parseWithHost(text);
  return parsed !== undefined && parseCidr(text)?.base !== parsed.address.value;
}

function parseWithHost(text: string): { readonly address: IpAddress; readonly length: number } | undefined {
  const [host = '', digits = '', ...rest] = text.split('/');
  const address = parseIp(host);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(digits)) {
    return undefined;
  }
  const length = Number(digits);
  return length > BITS[address.family] ? undefined : { address, length };
}

/** The prefix of the given length that holds the value. */
export function cidrAt(family: Family, value: bigint, length: number): Cidr {
  const hostBits = BigInt(BITS[family] - length);
  return { family, base: (value >> hostBits) << hostBits, length };
}

export function formatIp(address: IpAddress): string {
  return address.family === 4 ? formatV4(address.value) : formatV6(address.value);
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.family, value: cidr.base })}/${cidr.length}`;
}

/** How many addresses the prefix has, network and broadcast address included. */
export function cidrSize(cidr: Cidr): bigint {
  return 1n << BigInt(BITS[cidr.family] - cidr.length);
}

export function cidrHasIp(cidr: Cidr, ip: IpAddress): boolean {
  const hostBits = BigInt(BITS[cidr.family] - cidr.length);
  return cidr.family === ip.family && ip.value >> hostBits === cidr.base >> hostBits;
}

/** True when every address of `inner` is one of `outer`. */
export function cidrHasCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.length <= inner.length && cidrHasIp(outer, { family: inner.family, value: inner.base });
}

export function cidrsOverlap(left: Cidr, right: Cidr): boolean {
  return cidrHasCidr(left, right) || cidrHasCidr(right, left);
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
