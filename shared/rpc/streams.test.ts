// Streams over real TLS: both directions, the pace of the slower side, and every way in which one ends.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SkeinError } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import { testCluster } from '../identity/test/test_cluster.ts';
import { callContext, echoService } from './test/echo.ts';
import { Harness } from './test/harness.ts';

const harness = new Harness();
let manager: Identity;
let worker: Identity;

beforeAll(async () => {
  const cluster = await testCluster();
  manager = await cluster.identity('manager');
  worker = await cluster.identity('worker');
});
afterEach(() => harness.close());

describe('streams', () => {
  it('count, sum and chat over one connection', async () => {
    const { address } = await harness.server(manager);
    const echo = harness.member(address, worker);
    const counted: number[] = [];
    for await (const number of echo.count({ to: 1000 }, callContext())) {
      counted.push(number);
    }
    expect(counted.length).toBe(1000);
    expect(await echo.sum(from([1, 2, 3]), callContext())).toBe(6);
    const said: string[] = [];
    for await (const answer of echo.chat(from(['a', 'b']), callContext())) {
      said.push(answer);
    }
    expect(said).toEqual(['you said a', 'you said b']);
  });

  it('a slow reader holds back the server', async () => {
    let produced = 0;
    const block = 'x'.repeat(64 * 1024);
    const service = echoService({
      async *chat() {
        for (produced = 0; produced < 2000; produced += 1) {
          yield block;
        }
      },
    });
    const { address } = await harness.server(manager, service);
    const answers = harness.member(address, worker).chat(from([]), callContext())[Symbol.asyncIterator]();
    await answers.next();
    const settled = await settledValue(() => produced);
    expect(settled).toBeLessThan(100);
    await answers.return?.(undefined);
  });

  it('a slow server holds back the client', async () => {
    let produced = 0;
    const block = 'x'.repeat(64 * 1024);
    async function* flood() {
      for (produced = 0; produced < 2000; produced += 1) {
        yield block;
      }
    }
    const service = echoService({
      async *chat(_messages, { signal }) {
        yield 'ready';
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const { address } = await harness.server(manager, service);
    const answers = harness.member(address, worker).chat(flood(), callContext())[Symbol.asyncIterator]();
    await answers.next();
    expect(await settledValue(() => produced)).toBeLessThan(100);
    await answers.return?.(undefined);
  });

  it('the caller aborts: its own reason comes out, the server is told, its generator is finished', async () => {
    let finished = false;
    let aborted = false;
    const service = echoService({
      async *chat(messages, { signal }) {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        try {
          for await (const message of messages) {
            yield message;
          }
        } finally {
          finished = true;
        }
      },
    });
    const { address } = await harness.server(manager, service);
    const controller = new AbortController();
    const chat = harness.member(address, worker).chat(forever('ping'), callContext(controller.signal));
    const answers = chat[Symbol.asyncIterator]();
    await answers.next();
    controller.abort(new Error('the agent stops'));
    await expect(drain(answers)).rejects.toThrow('the agent stops');
    await expect.poll(() => finished && aborted).toBe(true);
  });

  it('leaving the loop ends the call at the server', async () => {
    let aborted = false;
    const service = echoService({
      async *chat(_messages, { signal }) {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        yield 'one';
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const { address } = await harness.server(manager, service);
    for await (const _answer of harness.member(address, worker).chat(forever('x'), callContext())) {
      break;
    }
    await expect.poll(() => aborted).toBe(true);
  });

  it('messages that fail at the source end the call with that error', async () => {
    async function* broken() {
      yield 1;
      throw new SkeinError('internal', 'disk', 'the disk is gone');
    }
    const { address } = await harness.server(manager);
    const answer = harness.member(address, worker).sum(broken(), callContext());
    await expect(answer).rejects.toMatchObject({ code: 'disk' });
  });

  it('a stopping server ends open streams with a retryable error', async () => {
    const { address, server } = await harness.server(manager);
    const chat = harness.member(address, worker).chat(forever('ping'), callContext());
    const answers = chat[Symbol.asyncIterator]();
    await answers.next();
    const ended = drain(answers);
    await server.stop();
    await expect(ended).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
  });

  it('a client connects again once the server is back at its address', async () => {
    const first = await harness.server(manager);
    const echo = harness.member(first.address, worker);
    await echo.say({ text: '' }, callContext());
    await first.server.stop();
    await expect(echo.say({ text: '' }, callContext())).rejects.toMatchObject({ kind: 'unavailable' });
    await harness.server(manager, echoService(), { port: Number(first.address.split(':')[1]) });
    await expect
      .poll(() => echo.say({ text: 'back' }, callContext()).catch(() => undefined))
      .toEqual({ text: 'back' });
  });
});

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The word, for ever. */
async function* forever(word: string): AsyncGenerator<string> {
  while (true) {
    yield word;
  }
}

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while ((await iterator.next()).done !== true) {
    // Only the end is of interest.
  }
}

/** The value once it has stopped changing. */
async function settledValue(read: () => number): Promise<number> {
  let last = -1;
  await expect
    .poll(
      () => {
        const settled = read() === last;
        last = read();
        return settled;
      },
      { interval: 100 },
    )
    .toBe(true);
  return last;
}
