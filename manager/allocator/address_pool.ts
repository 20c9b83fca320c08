// The addresses of one subnet and who holds them. Handing out is next-fit: the search goes on after the
// address given last, so that an address that became free is not given to somebody else at once while
// caches and connections may still point at its former holder.
import type { Id } from '../../shared/model/meta.ts';
import type { Subnet } from '../../shared/model/network.ts';
import {
  type IpAddress,
  formatIp,
  hostOf,
  type Cidr,
  parseIp,
  parseCidr,
  cidrHasIp,
  cidrSize,
} from '../../shared/model/cidr.ts';

/** Offsets are plain numbers: of a larger subnet (IPv6) only so many addresses are ever handed out. */
const MAX_POOL_SIZE = 2 ** 32;

export class AddressPool {
  readonly subnet: string;
  private readonly prefix: Cidr;
  /** Where addresses are taken from: the `ip-range`, or the whole subnet. */
  private readonly range: Cidr;
  private readonly size: number;
  /** Offsets into the range that nobody may hold: network, broadcast, gateway and auxiliary addresses. */
  private readonly reserved = new Set<number>();
  /** The same addresses as such, those outside the range too. */
  private readonly reservedValues = new Set<bigint>();
  private readonly holders = new Map<number, Id>();
  /** Offsets held by several at once: only after a defect, but then none of them may make the address free. */
  private readonly rivals = new Map<number, Id[]>();
  /**
   * Held addresses of the subnet that are never handed out unasked: outside the `ip-range`, or too far from its begin.
   */
  private readonly beyond = new Map<bigint, Id>();
  private next = 0;

  /**
   * @param subnet valid CIDRs (the network allocator has checked them)
   * @param auxiliary addresses that the user keeps for himself
   */
  constructor(subnet: Subnet, auxiliary: readonly string[] = []) {
    const prefix = parseCidr(subnet.subnet);
    if (prefix === undefined) {
      throw new Error(`invariant broken: ${subnet.subnet} is no subnet`);
    }
    this.subnet = subnet.subnet;
    this.prefix = prefix;
    this.range = (subnet.range === undefined ? undefined : parseCidr(subnet.range)) ?? prefix;
    const whole = cidrSize(this.range);
    this.size = whole > BigInt(MAX_POOL_SIZE) ? MAX_POOL_SIZE : Number(whole);
    this.reserve(prefix.base);
    if (prefix.family === 4) {
      this.reserve(prefix.base + cidrSize(prefix) - 1n);
    }
    for (const text of [subnet.gateway, ...auxiliary]) {
      const address = parseIp(hostOf(text));
      if (address !== undefined && address.family === prefix.family) {
        this.reserve(address.value);
      }
    }
  }

  get family(): 4 | 6 {
    return this.prefix.family;
  }

  /** How many addresses can be held at once. */
  get capacity(): number {
    return this.size - this.reserved.size;
  }

  get inUse(): number {
    return this.holders.size;
  }

  /** Gives the owner an address, as CIDR with the subnet's length; undefined when all are held. */
  take(owner: Id): string | undefined {
    if (this.holders.size >= this.capacity) {
      return undefined;
    }
    let offset = this.next;
    while (this.reserved.has(offset) || this.holders.has(offset)) {
      offset = (offset + 1) % this.size;
    }
    this.holders.set(offset, owner);
    this.next = (offset + 1) % this.size;
    const address: IpAddress = { family: this.prefix.family, value: this.range.base + BigInt(offset) };
    return `${formatIp(address)}/${this.prefix.length}`;
  }

  /** Gives the owner this very address; also one outside the `ip-range`, as Docker. */
  takeThis(address: IpAddress, owner: Id): string | 'taken' | 'outside' {
    if (!cidrHasIp(this.prefix, address)) {
      return 'outside';
    }
    const cidr = `${formatIp(address)}/${this.prefix.length}`;
    return this.isReserved(address.value) ||
      this.holderOf(address.value) !== undefined ||
      !this.claim(cidr, owner)
      ? 'taken'
      : cidr;
  }

  /** True when the address lies in this pool's subnet. */
  covers(cidr: string): boolean {
    const address = parseIp(hostOf(cidr));
    return address !== undefined && cidrHasIp(this.prefix, address);
  }

  /** Notes an address that an object holds; false when another one holds it too. Idempotent per owner. */
  claim(cidr: string, owner: Id): boolean {
    const offset = this.offsetOf(cidr);
    if (offset === undefined) {
      return this.claimBeyond(cidr, owner);
    }
    const holder = this.holders.get(offset);
    if (holder === undefined) {
      this.holders.set(offset, owner);
    } else if (holder !== owner) {
      const others = this.rivals.get(offset) ?? [];
      if (!others.includes(owner)) {
        this.rivals.set(offset, [...others, owner]);
      }
      return false;
    }
    return true;
  }

  /** Gives an address back; does nothing when the owner does not hold it. True when it became free. */
  release(cidr: string, owner: Id): boolean {
    const offset = this.offsetOf(cidr);
    if (offset === undefined) {
      return this.releaseBeyond(cidr, owner);
    }
    const others = this.rivals.get(offset);
    if (this.holders.get(offset) !== owner) {
      this.keepRivals(offset, others?.filter((other) => other !== owner) ?? []);
      return false;
    }
    const heir = others?.[0];
    if (heir !== undefined) {
      this.holders.set(offset, heir);
      this.keepRivals(offset, others?.slice(1) ?? []);
      return false;
    }
    return this.holders.delete(offset);
  }

  /** After the pool was rebuilt from the store: go on behind the highest address in use. */
  continueAfterHighest(): void {
    let highest = -1;
    for (const offset of this.holders.keys()) {
      highest = Math.max(highest, offset);
    }
    this.next = (highest + 1) % this.size;
  }

  private claimBeyond(cidr: string, owner: Id): boolean {
    const value = this.valueBeyond(cidr);
    const holder = value === undefined ? undefined : this.beyond.get(value);
    if (value !== undefined && holder === undefined) {
      this.beyond.set(value, owner);
    }
    return holder === undefined || holder === owner;
  }

  private releaseBeyond(cidr: string, owner: Id): boolean {
    const value = this.valueBeyond(cidr);
    return value !== undefined && this.beyond.get(value) === owner && this.beyond.delete(value);
  }

  private valueBeyond(cidr: string): bigint | undefined {
    const address = parseIp(hostOf(cidr));
    return address !== undefined && cidrHasIp(this.prefix, address) && !this.isReserved(address.value)
      ? address.value
      : undefined;
  }

  private holderOf(value: bigint): Id | undefined {
    const offset = value - this.range.base;
    return offset >= 0n && offset < BigInt(this.size)
      ? this.holders.get(Number(offset))
      : this.beyond.get(value);
  }

  private isReserved(value: bigint): boolean {
    return this.reservedValues.has(value);
  }

  private keepRivals(offset: number, others: Id[]): void {
    if (others.length === 0) {
      this.rivals.delete(offset);
    } else {
      this.rivals.set(offset, others);
    }
  }

  private reserve(value: bigint): void {
    this.reservedValues.add(value);
    const offset = value - this.range.base;
    if (offset >= 0n && offset < BigInt(this.size)) {
      this.reserved.add(Number(offset));
    }
  }

  private offsetOf(cidr: string): number | undefined {
    const address = parseIp(hostOf(cidr));
    if (address === undefined || address.family !== this.prefix.family) {
      return undefined;
    }
    const offset = address.value - this.range.base;
    const inside = offset >= 0n && offset < BigInt(this.size) && !this.reserved.has(Number(offset));
    return inside ? Number(offset) : undefined;
  }
}
