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
