// Constraints as tables: what parses, what is refused and why, which nodes match.
import { expect, test } from 'vitest';
import { node } from '../../test/support/objects.ts';
import { cidrsOverlap, formatCidr, hasHostBits, parseCidr, parseIp } from './cidr.ts';
import { nodeMatches, parseConstraints } from './constraint.ts';

const base = node({ id: 'abc' });
const host = node({
  id: 'n1abc',
  role: 'manager',
  spec: { ...base.spec, labels: { zone: 'East', 'com.example/rack': '7' } },
  status: { state: 'ready', message: '', address: '10.1.2.3' },
  description: {
    hostname: 'Alpha',
    platform: { architecture: 'x86_64', os: 'linux' },
    resources: { nanoCpus: 1, memoryBytes: 1, generic: [] },
    engine: { version: '1', labels: { disk: 'ssd' }, plugins: [] },
    trustRootPem: '',
  },
});
const v6 = { ...host, status: { ...host.status, address: 'fd00::5' } };

test.each([
  ['node.id==n1abc', true],
  ['node.id != n1abc', false],
  ['node.hostname == alpha', true],
  ['NODE.HOSTNAME==ALPHA', true],
  ['node.hostname==alph', false],
  ['node.role==manager', true],
  ['node.role!=manager', false],
  ['node.platform.os==Linux', true],
  ['node.platform.arch==amd64', true],
  ['node.platform.arch==aarch64', false],
  ['node.labels.zone==east', true],
  ['node.labels.Zone==east', false],
  ['node.labels.com.example/rack == 7', true],
  ['node.labels.missing!=x', true],
  ['node.labels.missing==x', false],
  ['engine.labels.disk==ssd', true],
  ['node.ip==10.1.2.3', true],
  ['node.ip==10.1.0.0/16', true],
  ['node.ip!=10.1.0.0/16', false],
  ['node.ip==10.2.0.0/16', false],
  ['node.ip==fd00::/8', false],
])('%s: %s', (expression, matches) => {
  expect(nodeMatches(parseConstraints([expression]), host)).toBe(matches);
});

test('IPv6 addresses and prefixes', () => {
  expect(nodeMatches(parseConstraints(['node.ip==fd00::/8']), v6)).toBe(true);
  expect(nodeMatches(parseConstraints(['node.ip==fd00:0:0::5']), v6)).toBe(true);
  expect(nodeMatches(parseConstraints(['node.ip==10.0.0.0/8']), v6)).toBe(false);
});

test('all must hold, and none holds always', () => {
  expect(nodeMatches(parseConstraints(['node.role==manager', 'node.labels.zone==west']), host)).toBe(false);
  expect(nodeMatches([], host)).toBe(true);
});

test.each([
  ['node.role', 'expected one operator'],
  ['node.role=manager', 'expected one operator'],
  ['==x', "key '' is invalid"],
  ['node.rool==x', "key 'node.rool' is invalid"],
  ['node.labels.==x', "key 'node.labels.' is invalid"],
  ['node.role==', "value '' is invalid"],
  ['node.role==man;ager', "value 'man;ager' is invalid"],
  ['node.ip==10.0.0.300', 'needs an address or a CIDR'],
  ['node.ip==10.0.0.0/33', 'needs an address or a CIDR'],
])('%s is refused: %s', (expression, reason) => {
  expect(() => parseConstraints(['node.role==manager', expression])).toThrow(reason);
});

test.each([
  ['10.0.0.0/24', '10.0.0.128/25', true],
  ['10.0.0.0/24', '10.0.1.0/24', false],
  ['0.0.0.0/0', '10.0.1.0/24', true],
  ['::/0', '10.0.1.0/24', false],
  ['fd00::/8', 'fd12:3456::/48', true],
])('%s and %s overlap: %s', (left, right, overlap) => {
  const [one, two] = [parseCidr(left), parseCidr(right)];
  expect(one && two && cidrsOverlap(one, two) && cidrsOverlap(two, one)).toBe(overlap);
});

test.each(['1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', ':::', '1::2::3', '1:2:3:4:5:6:7', 'g::'])(
  '%s is no address',
  (text) => expect(parseIp(text)).toBeUndefined(),
);

test('prefixes print without host bits', () => {
  const cidr = parseCidr('10.1.2.3/16');
  expect(cidr && formatCidr(cidr)).toBe('10.1.0.0/16');
  expect(hasHostBits('10.1.2.3/16')).toBe(true);
});
