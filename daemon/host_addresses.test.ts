// Addresses of a node that comes back on a machine with other ones.
import { describe, expect, test } from 'vitest';
import { addressesNow, interfacesOf, resolveAddresses, systemAddress } from './host_addresses.ts';

const v4 = (address: string) => ({ address, family: 'IPv4' });
const v6 = (address: string) => ({ address, family: 'IPv6' });
const before = {
  listenAddress: '0.0.0.0:2377',
  advertiseAddress: '10.0.0.1:2377',
  dataPathAddress: '10.0.0.1',
};
const machine = { lo: [v4('127.0.0.1')], eth0: [v6('fe80::1'), v4('10.0.0.1')], eth1: [v4('10.1.0.1')] };

describe('a node that comes back', () => {
  test('remembers the interfaces its addresses stand on', () => {
    expect(interfacesOf(before, machine)).toEqual({ '10.0.0.1': 'eth0' });
    expect(interfacesOf({ ...before, dataPathAddress: '10.1.0.1' }, machine)).toEqual({
      '10.0.0.1': 'eth0',
      '10.1.0.1': 'eth1',
    });
  });

  test('keeps addresses that are still there', () => {
    expect(addressesNow(before, { '10.0.0.1': 'eth0' }, machine)).toEqual(before);
  });

  test('takes what the interface carries now, port and all', () => {
    const now = { ...machine, eth0: [v6('2001:db8::7'), v4('10.0.0.77')] };
    expect(addressesNow(before, { '10.0.0.1': 'eth0' }, now)).toEqual({
      listenAddress: '0.0.0.0:2377',
      advertiseAddress: '10.0.0.77:2377',
      dataPathAddress: '10.0.0.77',
    });
  });

  test('of version 6 too, and never the link-local one', () => {
    const six = {
      listenAddress: '[::]:2377',
      advertiseAddress: '[2001:db8::1]:2377',
      dataPathAddress: '2001:db8::1',
    };
    const now = { eth0: [v6('fe80::1'), v6('2001:db8::2')] };
    expect(addressesNow(six, { '2001:db8::1': 'eth0' }, now)).toEqual({
      listenAddress: '[::]:2377',
      advertiseAddress: '[2001:db8::2]:2377',
      dataPathAddress: '2001:db8::2',
    });
  });

  test('leaves an address alone that never stood on this machine, or whose interface has none', () => {
    const behindRouter = { ...before, advertiseAddress: '203.0.113.9:2377', dataPathAddress: '203.0.113.9' };
    expect(addressesNow(behindRouter, interfacesOf(behindRouter, machine), machine)).toEqual(behindRouter);
    expect(addressesNow(before, { '10.0.0.1': 'eth0' }, { ...machine, eth0: [] })).toEqual(before);
  });
});

describe('what a node advertises that was told nothing', () => {
  const docker0 = [v4('172.17.0.1')];

  test.each([
    ['its one address of version 4', { docker0, eth0: [v6('2001:db8::1'), v4('10.0.0.1')] }, '10.0.0.1'],
    [
      'of version 6, where there is none of 4',
      { docker0, eth0: [v6('fe80::1'), v6('2001:db8::1')] },
      '2001:db8::1',
    ],
  ])('is %s', (_, machine, address) => {
    expect(systemAddress(machine)).toBe(address);
  });

  test.each([
    [
      'two of version 4',
      { eth0: [v4('10.0.0.1')], eth1: [v4('10.1.0.1')] },
      '10.0.0.1 on interface eth0, 10.1',
    ],
    ['two of version 6', { eth0: [v6('2001:db8::1'), v6('2001:db8::2')] }, '2001:db8::2 on interface eth0'],
    [
      'none',
      { lo: [{ ...v4('127.0.0.1'), internal: true }], docker0, eth0: [v6('fe80::1')] },
      '--advertise-addr',
    ],
  ])('is asked for where there are %s', (_, machine, message) => {
    expect(() => systemAddress(machine)).toThrow(message);
  });
});

test.each([
  ['0.0.0.0:2377', '10.0.0.1', '0.0.0.0:2377', '10.0.0.1:2377'],
  ['0.0.0.0:2377', '2001:db8::1', '[::]:2377', '[2001:db8::1]:2377'],
  ['0.0.0.0:2400', '[2001:db8::1]:2401', '[::]:2400', '[2001:db8::1]:2401'],
  ['[2001:db8::1]:2377', '', '[2001:db8::1]:2377', '[2001:db8::1]:2377'],
  ['10.0.0.1', '2001:db8::1', '10.0.0.1:2377', '[2001:db8::1]:2377'],
])(
  'told to listen on %s and to advertise %s, it does on %s and %s',
  (listenAddr, advertiseAddr, listens, told) => {
    expect(resolveAddresses({ listenAddr, advertiseAddr, dataPathAddr: '' })).toMatchObject({
      listenAddress: listens,
      advertiseAddress: told,
    });
  },
);
