// Who may call what over real TLS, and that errors, streams and cancellation cross the wire whole.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SkeinError } from '../errors.ts';
import { CurrentIdentity, type Identity } from '../identity/identity.ts';
import { type TestCluster, testCluster } from '../identity/test/test_cluster.ts';
import { silentLogger } from '../log.ts';
import { callContext, echoService } from './test/echo.ts';
import { Harness } from './test/harness.ts';

const HOUR_MS = 60 * 60_000;
const harness = new Harness();
let cluster: TestCluster;
let manager: Identity;
let worker: Identity;

beforeAll(async () => {
  cluster = await testCluster();
  manager = await cluster.identity('manager');
  worker = await cluster.identity('worker');
});
afterEach(() => harness.close());

describe('who may call', () => {
  const allowed = {
    stranger: ['say', 'forStrangers'],
    worker: ['say', 'forWorkers'],
    manager: ['say', 'forWorkers', 'forManagers'],
  } as const;
  const methods = ['say', 'forStrangers', 'forWorkers', 'forManagers'] as const;

  for (const caller of ['stranger', 'worker', 'manager'] as const) {
    for (const method of methods) {
      const may = (allowed[caller] as readonly string[]).includes(method);
      it(`${caller} ${may ? 'may' : 'may not'} call ${method}`, async () => {
        const { address } = await harness.server(manager);
        const echo =
          caller === 'stranger'
            ? harness.echo(address, { kind: 'pinned-root', rootPem: manager.rootPem })
            : harness.member(address, caller === 'worker' ? worker : manager);
        const answer = echo[method]({ text: 'hello' }, callContext());
        if (may) {
          await expect(answer).resolves.toEqual({ text: 'hello' });
        } else {
          await expect(answer).rejects.toMatchObject({ kind: 'denied', code: 'caller-not-allowed' });
        }
      });
    }
  }

  it('names the node of the verified certificate', async () => {
    const { address } = await harness.server(manager);
    const answer = await harness.member(address, worker).whoAmI(callContext());
    expect(answer).toEqual({ peer: `worker ${worker.nodeId}`, forwarded: false });
  });
});

describe('a certificate is refused, on the joining calls too, when it', () => {
  const refused: Record<string, [code: string, make: () => Promise<Identity>]> = {
    'has expired': [
      'certificate-expired',
      () => cluster.identity('worker', { issuedAt: Date.now() - 3 * HOUR_MS, lifeMs: HOUR_MS }),
    ],
    'is not valid yet': [
      'certificate-not-yet-valid',
      () => cluster.identity('worker', { issuedAt: Date.now() + 3 * HOUR_MS }),
    ],
    'comes from another cluster': [
      'certificate-untrusted',
      async () => ({
        ...(await (await testCluster()).identity('manager')),
        rootPem: manager.rootPem,
        clusterId: manager.clusterId,
      }),
    ],
    'names another cluster under the same root': [
      'certificate-foreign',
      async () => ({
        ...(await cluster.identity('manager', { clusterId: 'a'.repeat(25) })),
        clusterId: manager.clusterId,
      }),
    ],
    'is a self-signed root': [
      'certificate-untrusted',
      async () => {
        const { root } = await testCluster();
        return { ...worker, certificateChainPem: root.certPem, keyPem: root.keyPem };
      },
    ],
  };

  for (const [what, [code, make]] of Object.entries(refused)) {
    it(what, async () => {
      const { address } = await harness.server(manager);
      const echo = harness.member(address, await make());
      await expect(echo.forStrangers({ text: '' }, callContext())).rejects.toMatchObject({
        kind: 'unauthenticated',
        code,
      });
      await expect(echo.say({ text: '' }, callContext())).rejects.toMatchObject({ code });
    });
  }

  it('belongs to a removed node, from the next call on', async () => {
    const { address, revoked } = await harness.server(manager);
    const echo = harness.member(address, worker);
    await echo.say({ text: '' }, callContext());
    revoked.add(worker.nodeId);
    const refusal = { kind: 'unauthenticated', code: 'certificate-revoked' };
    await expect(echo.say({ text: '' }, callContext())).rejects.toMatchObject(refusal);
  });

  it('belongs to a removed node whose stream is open: recheck cuts it', async () => {
    const { address, revoked, listener } = await harness.server(manager);
    const chat = harness.member(address, worker).chat(forever('ping'), callContext());
    const answers = chat[Symbol.asyncIterator]();
    expect((await answers.next()).value).toBe('you said ping');
    revoked.add(worker.nodeId);
    listener.recheck();
    await expect(drain(answers)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('the server is refused when it', () => {
  it('is no manager', async () => {
    const { address } = await harness.server(worker);
    const answer = harness.member(address, manager).say({ text: '' }, callContext());
    await expect(answer).rejects.toMatchObject({ code: 'certificate-unexpected' });
  });

  it('is another manager than the one that was meant', async () => {
    const { address } = await harness.server(manager);
    const identity = new CurrentIdentity(worker);
    const echo = harness.echo(address, { kind: 'member', identity, nodeId: 'b'.repeat(25) });
    await expect(echo.say({ text: '' }, callContext())).rejects.toMatchObject({
      code: 'certificate-unexpected',
      data: { expected: 'b'.repeat(25), actual: manager.nodeId },
    });
  });

  it('belongs to another cluster', async () => {
    const { address } = await harness.server(await (await testCluster()).identity('manager'));
    const answer = harness.member(address, worker).say({ text: '' }, callContext());
    await expect(answer).rejects.toMatchObject({ code: 'certificate-untrusted' });
  });
});

describe('certificates change at run time', () => {
  it('the server keeps open streams and shows new connections the new certificate', async () => {
    const { address, current } = await harness.server(manager);
    const identity = new CurrentIdentity(worker);
    const before = harness.echo(address, { kind: 'member', identity, nodeId: manager.nodeId });
    const answers = before.chat(forever('ping'), callContext())[Symbol.asyncIterator]();
    await answers.next();

    const renewed = await cluster.identity('manager');
    current.set(renewed);

    expect((await answers.next()).value).toBe('you said ping');
    const after = harness.echo(address, { kind: 'member', identity, nodeId: renewed.nodeId });
    await expect(after.say({ text: 'new' }, callContext())).resolves.toEqual({ text: 'new' });
    await answers.return?.(undefined);
  });

  it('a client whose identity is replaced presents the new one at its next call', async () => {
    const { address } = await harness.server(manager);
    const identity = new CurrentIdentity(worker);
    const echo = harness.echo(address, { kind: 'member', identity });
    expect((await echo.whoAmI(callContext())).peer).toBe(`worker ${worker.nodeId}`);
    identity.set(manager);
    expect((await echo.whoAmI(callContext())).peer).toBe(`manager ${manager.nodeId}`);
  });

  it('a certificate of a root that is trusted no more is cut and refused', async () => {
    const { address, current } = await harness.server(manager);
    const echo = harness.member(address, worker);
    await echo.say({ text: '' }, callContext());
    const next = await testCluster(cluster.clusterId);
    current.set(await next.identity('manager'));
    await expect(echo.say({ text: '' }, callContext())).rejects.toBeInstanceOf(SkeinError);
  });
});

describe('errors cross the wire', () => {
  const kinds = [
    'invalid',
    'not-found',
    'already-exists',
    'conflict',
    'denied',
    'unauthenticated',
    'exhausted',
    'unavailable',
    'timeout',
    'not-implemented',
    'internal',
  ] as const;
  for (const kind of kinds) {
    it(`${kind}: kind, code, message, data and retryable are the same on both sides`, async () => {
      const error = new SkeinError(kind, 'some-code', 'what to do: überall 100 %', {
        retryable: true,
        data: { name: 'wéb' },
      });
      const { address } = await harness.server(manager, echoService({ say: () => Promise.reject(error) }));
      const { message, code, data, retryable } = error;
      const answer = harness.member(address, worker).say({ text: '' }, callContext());
      await expect(answer).rejects.toMatchObject({ kind, code, message, data, retryable });
    });
  }

  it('an unexpected throw is logged and goes out without details', async () => {
    const logged: object[] = [];
    const log = { ...silentLogger, error: (fields: object) => logged.push(fields) };
    const service = echoService({ say: () => Promise.reject(new Error('password is hunter2')) });
    const { address } = await harness.server(manager, service, { log });
    const answer = harness.member(address, worker).say({ text: '' }, callContext());
    await expect(answer).rejects.toMatchObject({ kind: 'internal', code: 'internal' });
    await expect(answer).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
    expect(JSON.stringify(logged)).toContain('hunter2');
  });

  it('a stream that fails after some messages gives them, then the error', async () => {
    const service = echoService({
      async *count() {
        yield 1;
        throw new SkeinError('conflict', 'enough', 'no more');
      },
    });
    const { address } = await harness.server(manager, service);
    const numbers = harness.member(address, worker).count({ to: 9 }, callContext())[Symbol.asyncIterator]();
    expect(await numbers.next()).toMatchObject({ value: 1 });
    await expect(numbers.next()).rejects.toMatchObject({ kind: 'conflict', code: 'enough' });
  });

  it('nothing listens: unavailable, with the address', async () => {
    const echo = harness.member('127.0.0.1:1', worker);
    await expect(echo.say({ text: '' }, callContext())).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'unreachable',
      data: { address: '127.0.0.1:1' },
    });
  });

  it('a message above the cap is refused in words', async () => {
    const { address } = await harness.server(manager);
    const text = 'x'.repeat(5 * 1024 * 1024);
    const answer = harness.member(address, worker).forWorkers({ text }, callContext());
    await expect(answer).rejects.toMatchObject({ kind: 'exhausted', code: 'message-too-large' });
  });

  it('a unary call ends at its time-out, and the server is told', async () => {
    let told = false;
    const service = echoService({
      say: (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = true;
            reject(signal.reason);
          });
        }),
    });
    const { address } = await harness.server(manager, service);
    const answer = harness.member(address, worker).say({ text: '' }, callContext());
    await expect(answer).rejects.toMatchObject({ kind: 'timeout', code: 'deadline-exceeded' });
    await expect.poll(() => told).toBe(true);
  });
});

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
