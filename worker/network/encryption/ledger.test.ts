// The ledger of installed keys over restarts of the daemon: nothing is forgotten that would let a key begin anew.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '../../../shared/random.ts';
import { KeyLedger } from './ledger.ts';
import { planEncryption } from './plan.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
  path = join(directory, 'network', 'encryption.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (seed = 1) => new KeyLedger({ random: seededRandom(seed) }, { path });
const node = (index: number) => ({
  ...{
    nodeId: `n${index}`,
    overlayIndex: index,
    address: `10.0.0.${index}`,
    incarnation: `${index}`.repeat(16),
  },
});
const planned = (epochs: readonly number[]) => [
  ...planEncryption({
    ...{ self: node(1), peers: [node(2)], sending: 1, port: 4790 },
    keys: epochs.map((epoch) => ({ epoch, secret: new Uint8Array(32) })),
  }).states.values(),
];

it('keeps incarnation and uses over a restart, readable by root alone and without keys', () => {
  const first = open();
  first.note(planned([1, 2]), 1);
  const second = open(2);
  expect(second.incarnation).toBe(first.incarnation);
  expect(planned([1, 2]).map((one) => second.isUsed(one))).toEqual([true, true, true, true]);
  expect(planned([3]).map((one) => second.isUsed(one))).toEqual([false, false]);
  expect(planned([2]).map(({ state }) => second.useOf(state)?.epoch)).toEqual([2, 2]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain(planned([1])[0]?.state.key);
});

it('forgets epochs that are over', () => {
  const ledger = open();
  ledger.note(planned([1, 2]), 1);
  ledger.note(planned([3]), 2);
  expect(planned([1, 2, 3]).map((one) => ledger.isUsed(one))).toEqual([false, false, true, true, true, true]);
});

it('begins anew with another incarnation', () => {
  const ledger = open();
  ledger.note(planned([1]), 1);
  const before = ledger.incarnation;
  ledger.renew();
  expect(ledger.incarnation).not.toBe(before);
  expect(open(2).incarnation).toBe(ledger.incarnation);
  expect(ledger.isFresh).toBe(true);
});

it('relies on nothing of a record that is not whole', () => {
  open().note(planned([1]), 1);
  const text = readFileSync(path, 'utf8');
  for (const damaged of [
    '',
    text.slice(0, 40),
    '{}',
    text.replace(/"incarnation":"\w+"/, '"incarnation":"x"'),
  ]) {
    writeFileSync(path, damaged);
    expect(open(9).isFresh).toBe(true);
  }
});
