import { expect, it } from 'vitest';
import { parseIp } from '../../shared/model/cidr.ts';
import { AddressPool } from './address_pool.ts';

function pool() {
  const subnet = { subnet: '10.0.5.0/24', gateway: '10.0.5.1', range: '10.0.5.128/30' };
  return new AddressPool(subnet, ['10.0.5.9']);
}
const ask = (from: AddressPool, text: string, owner = 'me') => {
  const address = parseIp(text);
  return address === undefined ? 'none' : from.takeThis(address, owner);
};

it.each([
  ['10.0.5.130', '10.0.5.130/24'],
  ['10.0.5.77', '10.0.5.77/24'],
  ['10.0.5.0', 'taken'],
  ['10.0.5.255', 'taken'],
  ['10.0.5.1', 'taken'],
  ['10.0.5.9', 'taken'],
  ['10.0.6.1', 'outside'],
  ['fd00::1', 'outside'],
])('%s is answered with %s', (wish, answer) => {
  expect(ask(pool(), wish)).toBe(answer);
});

it.each(['10.0.5.129', '10.0.5.77'])('%s has one holder at a time', (wish) => {
  const one = pool();
  expect(ask(one, wish, 'a')).toBe(`${wish}/24`);
  expect(ask(one, wish, 'b')).toBe('taken');
  expect(one.release(wish, 'b')).toBe(false);
  expect(one.release(wish, 'a')).toBe(true);
  expect(ask(one, wish, 'b')).toBe(`${wish}/24`);
});

it('a wish in the range is not handed out; one outside takes no room there; both are known again after a rebuild', () => {
  const one = pool();
  ask(one, '10.0.5.129');
  ask(one, '10.0.5.77');
  expect([one.take('a'), one.take('b'), one.take('c'), one.take('d')]).toEqual([
    '10.0.5.128/24',
    '10.0.5.130/24',
    '10.0.5.131/24',
    undefined,
  ]);
  const again = pool();
  expect([again.claim('10.0.5.129', 'me'), again.claim('10.0.5.77', 'me')]).toEqual([true, true]);
  expect([ask(again, '10.0.5.129', 'x'), ask(again, '10.0.5.77', 'x')]).toEqual(['taken', 'taken']);
});

it('the far end of an IPv6 subnet', () => {
  const six = new AddressPool({ subnet: 'fd00::/64', gateway: 'fd00::1' });
  expect(ask(six, 'fd00::ffff:ffff:ffff:ffff', 'a')).toBe('fd00::ffff:ffff:ffff:ffff/64');
  expect(ask(six, 'fd00::ffff:ffff:ffff:ffff', 'b')).toBe('taken');
});
