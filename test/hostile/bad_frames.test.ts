// Bad HTTP/2 and bad gRPC against a real manager: what is malformed ends its own call or connection, within a known
// time and memory; a well-behaved client beside it notices nothing.
import { connect as connectTcp, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { CurrentIdentity } from '../../shared/identity/identity.ts';
import type { ManagerService } from '../../shared/protocol/control.ts';
import { client } from '../../shared/rpc/client.ts';
import { RpcConnection } from '../../shared/rpc/connection.ts';
import { MAX_STRANGER_CONNECTIONS } from '../../shared/rpc/limits.ts';
import { managerMethods } from '../../shared/wire/methods/manager.ts';
import { CALL_ATTACKS, CONNECTION_ATTACKS, trickle } from './support/attacks.ts';
import { framed, RawClient } from './support/raw_client.ts';
import {
  localCall,
  presented,
  type Presented,
  type RunningManager,
  runManager,
} from './support/running_manager.ts';

/** An answer that takes longer than this was disturbed: a call needs a few ms on an idle machine. */
const LONGEST_CALL_MS = 3_000;
/** More than this after everything has been tried is a leak or a bound that does not hold, MB. */
const MAX_GROWTH_MB = 200;

let target: RunningManager;
let attackers: Readonly<Record<string, Presented>>;
let connection: RpcConnection;
let good: ManagerService;

beforeAll(async () => {
  target = await runManager();
  attackers = { stranger: {}, worker: presented(await target.join('worker')) };
  const trust = { kind: 'member', identity: new CurrentIdentity(target.own) } as const;
  connection = new RpcConnection(
    { clock: systemClock },
    { target: { kind: 'tcp', address: target.address, trust } },
  );
  good = client(managerMethods, connection);
}, 60_000);

afterAll(async () => {
  connection.close();
  await target.stop();
});

/** Calls without pause while the attack runs; answers what the attack did. Throws when a call fails or waits. */
async function undisturbed<T>(attack: () => Promise<T>): Promise<T> {
  let isOver = false;
  const before = process.memoryUsage().rss;
  const outcome = attack().finally(() => {
    isOver = true;
  });
  let calls = 0;
  while (!isOver) {
    const start = performance.now();
    const { leader } = await good.getState(localCall(AbortSignal.timeout(LONGEST_CALL_MS)));
    expect(leader).toBe(true);
    expect(performance.now() - start).toBeLessThan(LONGEST_CALL_MS);
    calls += 1;
  }
  const result = await outcome;
  expect(calls).toBeGreaterThan(0);
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(MAX_GROWTH_MB);
  return result;
}

describe.each(['stranger', 'worker'])('sent by a %s', (who) => {
  const attacker = () => ({ port: target.port, presented: attackers[who] ?? {} });

  it('what is no HTTP/2 ends its own connection', async () => {
    const attacks = Object.entries(CONNECTION_ATTACKS);
    const outcomes = await undisturbed(() =>
      Promise.all(attacks.map(async ([name, attack]) => [name, await attack(attacker())])),
    );
    expect(outcomes).toEqual(attacks.map(([name]) => [name, 'cut']));
  });

  it('what is no gRPC ends its own call with a status', async () => {
    const attacks = Object.entries(CALL_ATTACKS);
    const outcomes = await undisturbed(() =>
      Promise.all(attacks.map(async ([name, attack]) => [name, await attack(attacker())])),
    );
    expect(outcomes).toEqual(attacks.map(([name]) => [name, expect.any(Number)]));
    expect(outcomes.filter(([, status]) => status === 0)).toEqual([]);
  });
});

it('a message in pieces of a byte costs its bytes, not an object for each', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const before = heap();
  let after = 0;
  const attacker = { port: target.port, presented: attackers['worker'] ?? {} };
  const onSent = () => {
    after = heap();
  };
  await undisturbed(() => trickle(attacker, { streams: 250, frames: 500_000, onSent }));
  // Half a megabyte came; as objects it is 65.
  expect(after - before).toBeLessThan(30);
});

it('headers of a megabyte end their own stream', async () => {
  const attacker = new RawClient(target.port, attackers['worker']);
  const outcome = await undisturbed(async () => {
    const stream = attacker.open('/skein.v1.Ca/GetRootCertificate', { 'x-large': 'x'.repeat(1024 * 1024) });
    stream.end(framed(Buffer.alloc(0)));
    await new Promise((resolve) => stream.once('close', resolve));
    return stream.rstCode;
  });
  attacker.close();
  expect(outcome).not.toBe(0);
});

it('strangers that only hold their connections, or say nothing at all, keep nobody from joining', async () => {
  const held: (RawClient | Socket)[] = [];
  try {
    for (let count = 0; count < 2 * MAX_STRANGER_CONNECTIONS; count += 1) {
      held.push(
        new RawClient(target.port),
        connectTcp(target.port, '127.0.0.1').on('error', () => undefined),
      );
    }
    const joined = await undisturbed(async () => {
      let identity: unknown;
      await expect
        .poll(
          () =>
            target.join('worker').then(
              (made) => (identity = made),
              () => undefined,
            ),
          { timeout: 10_000 },
        )
        .toBeDefined();
      return identity;
    });
    expect(joined).toMatchObject({ role: 'worker' });
  } finally {
    for (const each of held) {
      each instanceof RawClient ? each.close() : each.destroy();
    }
  }
});
