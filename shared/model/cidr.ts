// Internet addresses and prefixes of both families as numbers: parsing and containment. Text forms follow
// RFC 4291; nothing here knows of networks or nodes.

export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Cidr {
  readonly family: 4 | 6;
  /** First address, without host bits. */
  readonly base: bigint;
  readonly length: number;
  /** True when the text had host bits set, as `10.0.0.1/24` has. */
  readonly hadHostBits: boolean;
}

const GROUPS_OF_V6 = 8;

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** The address that the text names; undefined when it is none. */
export function parseIp(text: string): IpAddress | undefined {
  const family = text.includes(':') ? 6 : 4;
  const value = family === 6 ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { family, value };
}

/** The prefix that the text names; undefined when it is no CIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const [host = '', digits = '', ...rest] = text.split('/');
  const address = parseIp(host);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(digits)) {
    return undefined;
  }
  const length = Number(digits);
  const hostBits = bitsOf(address.family) - length;
  if (hostBits < 0) {
    return undefined;
  }
  const base = (address.value >> BigInt(hostBits)) << BigInt(hostBits);
  return { family: address.family, base, length, hadHostBits: base !== address.value };
}

export function cidrHasIp(cidr: Cidr, ip: IpAddress): boolean {
  const hostBits = BigInt(bitsOf(cidr.family) - cidr.length);
  return cidr.family === ip.family && ip.value >> hostBits === cidr.base >> hostBits;
}

/** True when every address of `inner` is one of `outer`. */
export function cidrHasCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.length <= inner.length && cidrHasIp(outer, { family: inner.family, value: inner.base });
}

export function cidrsOverlap(left: Cidr, right: Cidr): boolean {
  return cidrHasCidr(left, right) || cidrHasCidr(right, left);
}

/** The prefix as text; IPv6 without the `::` abbreviation. */
export function formatCidr(cidr: Cidr): string {
  const groups = cidr.family === 4 ? 4 : GROUPS_OF_V6;
  const width = BigInt(bitsOf(cidr.family) / groups);
  const parts = Array.from({ length: groups }, (_, position) => {
    const part = (cidr.base >> (width * BigInt(groups - 1 - position))) & ((1n << width) - 1n);
    return part.toString(cidr.family === 4 ? 10 : 16);
  });
  return `${parts.join(cidr.family === 4 ? '.' : ':')}/${cidr.length}`;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  if (before === undefined || after === undefined || rest.length > 0) {
    return undefined;
  }
  const missing = GROUPS_OF_V6 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The 16-bit groups of one side of `::`; the last may be an IPv4 address. */
function groupsOf(text: string): readonly bigint[] | undefined {
  const groups: bigint[] = [];
  const parts = text === '' ? [] : text.split(':');
  for (const [position, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(BigInt(`0x${part}`));
      continue;
    }
    const v4 = position === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 === undefined) {
      return undefined;
    }
    groups.push(v4 >> 16n, v4 & 0xffffn);
  }
  return groups;
}
