// What time does to open connections: strangers are cut, certificates run out. Driven by a virtual clock.
import { afterEach, beforeAll, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import { CurrentIdentity, type Identity } from '../identity/identity.ts';
import { type TestCluster, testCluster } from '../identity/test/test_cluster.ts';
import { MAX_CONNECTIONS_PER_WORKER, RECHECK_PERIOD_MS, STRANGER_LIFE_MS } from './limits.ts';
import { callContext } from './test/echo.ts';
import { Harness } from './test/harness.ts';

const HOUR_MS = 60 * 60_000;
const harness = new Harness();
let cluster: TestCluster;
let manager: Identity;

beforeAll(async () => {
  cluster = await testCluster();
  manager = await cluster.identity('manager');
});
afterEach(() => harness.close());

async function* once(word: string): AsyncGenerator<string> {
  yield word;
  await new Promise(() => undefined);
}

it('a stranger is cut after its time, in the middle of a call', async () => {
  const clock = new VirtualClock(Date.now());
  const { address } = await harness.server(manager, undefined, { clock });
  const echo = harness.echo(address, { kind: 'pinned-root', rootPem: manager.rootPem });
  const answers = echo.chat(once('hello'), callContext())[Symbol.asyncIterator]();
  await answers.next();
  await clock.advance(STRANGER_LIFE_MS - 1);
  const end = expect(answers.next()).rejects.toMatchObject({ kind: 'unavailable' });
  await clock.advance(1);
  await end;
});

it('a certificate that runs out while it is connected is refused at the next call', async () => {
  const clock = new VirtualClock(Date.now());
  const { address } = await harness.server(manager, undefined, { clock });
  const echo = harness.member(address, await cluster.identity('worker', { lifeMs: HOUR_MS }));
  await echo.say({ text: '' }, callContext());
  await clock.advance(HOUR_MS - RECHECK_PERIOD_MS);
  await expect(echo.say({ text: '' }, callContext())).resolves.toEqual({ text: '' });
  await clock.advance(2 * RECHECK_PERIOD_MS);
  await expect
    .poll(() => echo.say({ text: '' }, callContext()).catch((error: unknown) => error))
    .toMatchObject({ kind: 'unauthenticated', code: 'certificate-expired' });
});

it('its open stream is cut at the next recheck', async () => {
  const clock = new VirtualClock(Date.now());
  const { address } = await harness.server(manager, undefined, { clock });
  const echo = harness.echo(address, {
    kind: 'member',
    identity: new CurrentIdentity(await cluster.identity('worker', { lifeMs: HOUR_MS })),
  });
  const answers = echo.chat(once('hello'), callContext())[Symbol.asyncIterator]();
  await answers.next();
  const end = expect(answers.next()).rejects.toMatchObject({ kind: 'unavailable' });
  await clock.advance(HOUR_MS + RECHECK_PERIOD_MS);
  await end;
});

it("a worker's oldest connection gives way where it has too many; another worker's does not", async () => {
  const { address } = await harness.server(manager);
  const [worker, other] = [await cluster.identity('worker'), await cluster.identity('worker')];
  const open = async (identity: Identity) => {
    const answers = harness
      .member(address, identity)
      .chat(once('hello'), callContext())
      [Symbol.asyncIterator]();
    await answers.next();
    return answers;
  };
  const others = await open(other);
  const first = await open(worker);
  const second = await open(worker);
  const cut = expect(first.next()).rejects.toMatchObject({ kind: 'unavailable' });
  for (let count = 2; count <= MAX_CONNECTIONS_PER_WORKER; count += 1) {
    await open(worker);
  }
  await cut;
  const waiting = Symbol('still open');
  const settled = await Promise.race([second.next(), others.next(), Promise.resolve(waiting)]);
  expect(settled).toBe(waiting);
});

it('a port that is taken is told in words', async () => {
  const { address } = await harness.server(manager);
  const port = Number(address.split(':')[1]);
  await expect(harness.server(manager, undefined, { port })).rejects.toMatchObject({
    kind: 'conflict',
    code: 'address-in-use',
    message: expect.stringContaining(`127.0.0.1:${port} is already in use`),
  });
});
