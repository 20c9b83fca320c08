import { describe, expect, it } from 'vitest';
import { cidrHasCidr, cidrsOverlap, formatCidr, formatIp, hasHostBits, parseCidr, parseIp } from './cidr.ts';

describe('text forms of addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['FD00:0:0:1:0:0:0:9', 'fd00:0:0:1::9'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ])('%s is printed %s', (text, printed) => {
    const address = parseIp(text);
    expect(address && formatIp(address)).toBe(printed);
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '1:2:3',
    'fd00::12345',
    'x',
  ])('%s is no address', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('clears the host bits of a prefix, and refuses what is none', () => {
    const printed = (text: string) => {
      const prefix = parseCidr(text);
      return prefix && formatCidr(prefix);
    };
    expect(printed('10.1.2.3/16')).toBe('10.1.0.0/16');
    expect(printed('fd00::1/64')).toBe('fd00::/64');
    expect(printed('10.0.0.0/33')).toBeUndefined();
    expect(printed('10.0.0.0')).toBeUndefined();
  });
});

describe('prefixes beside each other', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.0.0.0/24', '10.0.1.0/24', false],
    ['fd00::/48', 'fd00:0:0:5::/64', true],
    ['0.0.0.0/0', '::/0', false],
  ])('%s and %s: one within the other is %s', (one, other, within) => {
    const [outer, inner] = [parseCidr(one), parseCidr(other)];
    expect(outer && inner && cidrHasCidr(outer, inner)).toBe(within);
    expect(outer && inner && cidrsOverlap(inner, outer)).toBe(within);
  });

  it('tells an address in a prefix from the prefix', () => {
    expect(hasHostBits('10.0.0.1/24')).toBe(true);
    expect(hasHostBits('10.0.0.0/24')).toBe(false);
    expect(hasHostBits('nothing')).toBe(false);
  });
});
