import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCidr, parseCidr } from '../../shared/model/cidr.ts';
import { AddressPool } from './address_pool.ts';
import { NUMBER_REST_MS, NumberPool } from './number_pool.ts';
import { chooseSubnet } from './subnet_choice.ts';

describe('the pool of a subnet', () => {
  const subnet = { subnet: '10.0.1.0/24', gateway: '10.0.1.1' };

  it('gives 253 of a /24 and then none; a given-back one is not the next to be given', () => {
    const pool = new AddressPool(subnet);
    const given = Array.from({ length: 10 }, (_, index) => pool.take(`t${index}`));
    expect(given[0]).toBe('10.0.1.2/24');
    pool.release('10.0.1.5/24', 't3');
    expect(pool.take('next')).toBe('10.0.1.12/24');
    while (pool.take('rest') !== undefined) {}
    expect(pool.inUse).toBe(253);
    expect(pool.capacity).toBe(253);
    pool.release('10.0.1.9/24', 't7');
    expect(pool.take('last')).toBe('10.0.1.9/24');
  });

  it('takes from the range alone and keeps the auxiliary addresses', () => {
    const pool = new AddressPool({ ...subnet, range: '10.0.1.128/30' }, ['10.0.1.129']);
    expect([pool.take('a'), pool.take('b'), pool.take('c'), pool.take('d')]).toEqual([
      '10.0.1.128/24',
      '10.0.1.130/24',
      '10.0.1.131/24',
      undefined,
    ]);
  });

  it('after a double claim an address is free only when both gave it back', () => {
    const pool = new AddressPool(subnet);
    expect(pool.claim('10.0.1.2', 'a')).toBe(true);
    expect(pool.claim('10.0.1.2', 'b')).toBe(false);
    expect(pool.release('10.0.1.2', 'a')).toBe(false);
    expect(pool.take('c')).toBe('10.0.1.3/24');
    expect(pool.release('10.0.1.2', 'b')).toBe(true);
  });

  it.each(['10.0.0.0/28', 'fd00:1::/64'])(
    'property: %s never twice, and what is given back is free again',
    (cidr) => {
      const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 200 });
      fc.assert(
        fc.property(steps, (commands) => {
          const gateway = cidr.includes(':') ? 'fd00:1::1' : '10.0.0.1';
          const pool = new AddressPool({ subnet: cidr, gateway });
          const held = new Map<string, string>();
          for (const [take, pick] of commands) {
            if (take) {
              const owner = `o${held.size}`;
              const address = pool.take(owner);
              expect(address === undefined).toBe(held.size === pool.capacity);
              if (address !== undefined) {
                expect(held.has(address)).toBe(false);
                expect(address).not.toContain(`${gateway}/`);
                held.set(address, owner);
              }
            } else {
              const entry = [...held][pick % Math.max(1, held.size)];
              if (entry !== undefined) {
                pool.release(entry[0], entry[1]);
                held.delete(entry[0]);
              }
            }
            expect(pool.inUse).toBe(held.size);
          }
        }),
      );
    },
  );
});

describe('small numbers', () => {
  it('are given lowest first; a returned one rests, unless it is the last', () => {
    const pool = new NumberPool(1, 3);
    expect([pool.take('a', 0), pool.take('b', 0)]).toEqual([1, 2]);
    pool.release(1, 'a', 0);
    expect(pool.take('c', 1)).toBe(3);
    expect(pool.take('d', 2)).toBe(1);
    expect(pool.take('e', 3)).toBeUndefined();
    pool.release(2, 'b', 10);
    pool.release(3, 'c', 20);
    expect(pool.take('f', 20 + NUMBER_REST_MS)).toBe(2);
  });
});

describe('the choice of a subnet', () => {
  const taken = (...cidrs: string[]) => cidrs.map((cidr) => parseCidr(cidr)).filter((p) => p !== undefined);
  const options = { pools: ['10.0.0.0/8'], subnetSize: 24, clusterId: 'c' };
  const chosen = (family: 4 | 6, over: object, ...cidrs: string[]) => {
    const prefix = chooseSubnet(family, { ...options, ...over }, taken(...cidrs));
    return prefix && formatCidr(prefix);
  };

  it.each([
    [['192.168.0.0/16'], '10.0.0.0/24'],
    [['10.0.0.0/24', '10.0.1.0/24'], '10.0.2.0/24'],
    [['10.0.0.0/24', '10.0.2.0/24'], '10.0.1.0/24'],
    [['10.0.0.0/16', '10.1.0.128/25'], '10.1.1.0/24'],
    [['0.0.0.0/0'], undefined],
  ])('beside %j it is %s', (others, expected) => {
    expect(chosen(4, {}, ...others)).toBe(expected);
  });

  it('goes on to the next pool, and without an IPv6 pool to the cluster’s unique local prefix', () => {
    expect(chosen(4, { pools: ['10.0.0.0/24', '10.9.0.0/16'] }, '10.0.0.0/24')).toBe('10.9.0.0/24');
    expect(chosen(6, {})).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/);
    expect(chosen(6, { pools: ['fd12::/60'] }, 'fd12::/64')).toBe('fd12:0:0:1::/64');
  });
});
