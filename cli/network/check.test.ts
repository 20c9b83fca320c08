// `skein network check` as it is typed: what it prints, and its exit code for scripts.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeDaemon, skein } from '../test/fake_daemon.ts';

let daemon: FakeDaemon;
beforeEach(async () => {
  daemon = await FakeDaemon.start();
});
afterEach(() => daemon.stop());

const report = (Differences: readonly string[]) => ({
  json: [{ NetworkID: 'abcdefghijklmnopqrstuvwxy', Name: 'shop', Version: 7, Differences }],
});

it('says when all is as planned', async () => {
  daemon.answers = { 'POST /skein/network/check': report([]) };
  expect(await skein(['network', 'check'], { host: daemon.host })).toMatchObject({
    code: 0,
    stdout: 'no difference\n',
  });
});

it('lists what differed', async () => {
  daemon.answers = { 'POST /skein/network/check': report(['put rule 1002 fwmark 2 table 100002']) };
  expect(await skein(['network', 'check'], { host: daemon.host })).toMatchObject({
    code: 1,
    stdout:
      'NETWORK ID     NAME      VIEW      DIFFERENCE\nabcdefghijkl   shop      7         put rule 1002 fwmark 2 table 100002\n',
  });
});

it('lists how other nodes are reached on encrypted networks, and fails when one is not', async () => {
  const peer = {
    NodeID: 'nodeabcdefghijklmnopqrstu',
    Address: '192.0.2.2',
    KeyEpoch: 3,
    Sent: 1,
    Received: 1,
  };
  const encrypted = (Peers: readonly object[]) => ({
    json: [{ NetworkID: 'abc', Name: 'vault', Version: 7, Differences: [], Problems: [], Peers }],
  });
  daemon.answers = { 'POST /skein/network/check': encrypted([{ ...peer, RoundTripMs: 0.42, Problem: '' }]) };
  const well = await skein(['network', 'check'], { host: daemon.host });
  expect(well.code).toBe(0);
  expect(well.stdout).toMatch(
    /^no difference\n\nNETWORK +NODE ID +ADDRESS +KEY +SENT.RECEIVED +ROUND TRIP +ENCRYPTED\n/,
  );
  expect(well.stdout).toMatch(/\nvault +nodeabcdefgh +192.0.2.2 +3 +1.1 +0.4 ms +yes\n$/);
  const silent = { ...peer, Received: 0, RoundTripMs: null, Problem: 'sent, and nothing came back' };
  daemon.answers = { 'POST /skein/network/check': encrypted([silent]) };
  const ill = await skein(['network', 'check'], { host: daemon.host });
  expect(ill.code).toBe(1);
  expect(ill.stdout).toMatch(/1.0 +none +no: sent, and nothing came back\n$/);
});

it('keys are rotated by one call', async () => {
  daemon.answers = { 'POST /skein/network/rotate-keys': { status: 204 } };
  expect(await skein(['network', 'rotate-keys'], { host: daemon.host })).toMatchObject({
    code: 0,
    stdout: '',
  });
});
