// Dead peers, floods and changes under load: what keeps one bad connection from hurting the rest.
import { type Server, type Socket, connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CurrentIdentity, type Identity } from '../identity/identity.ts';
import { type TestCluster, testCluster } from '../identity/test/test_cluster.ts';
import { AsyncQueue } from '../queue.ts';
import { MAX_STRANGER_CALLS, MAX_STRANGER_CONNECTIONS } from './limits.ts';
import { callContext, echoService } from './test/echo.ts';
import { Harness } from './test/harness.ts';

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

/** A wire between client and server that can be cut without either end being told. */
class Wire {
  private readonly sockets: Socket[] = [];
  private readonly server: Server;

  constructor(target: string) {
    const [host, port] = target.split(':');
    this.server = createServer((near) => {
      const far = connect(Number(port), host ?? '');
      this.sockets.push(near, far);
      for (const socket of [near, far]) {
        socket.on('error', () => undefined);
      }
      near.pipe(far);
      far.pipe(near);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    return typeof address === 'object' ? `127.0.0.1:${address?.port}` : '';
  }

  cut(): void {
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}

describe('a peer that falls silent', () => {
  it('is noticed by both ends within five seconds', async () => {
    let serverNoticed = 0;
    const service = echoService({
      async *chat(_messages, { signal }) {
        yield 'hello';
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        serverNoticed = performance.now();
      },
    });
    const { address } = await harness.server(manager, service);
    const wire = new Wire(address);
    try {
      const echo = harness.member(await wire.listen(), worker);
      const answers = echo.chat(silence(), callContext())[Symbol.asyncIterator]();
      await answers.next();
      const cutAt = performance.now();
      wire.cut();
      await expect(answers.next()).rejects.toMatchObject({ kind: 'unavailable', code: 'connection-lost' });
      const clientNoticed = performance.now();
      await expect.poll(() => serverNoticed, { timeout: 6_000 }).toBeGreaterThan(0);
      expect(clientNoticed - cutAt).toBeLessThan(5_000);
      expect(serverNoticed - cutAt).toBeLessThan(5_000);
    } finally {
      wire.close();
    }
  });
});

describe('a renewed identity', () => {
  it('leaves the running stream of the old connection alone', async () => {
    const { address } = await harness.server(manager);
    const identity = new CurrentIdentity(worker);
    const echo = harness.echo(address, { kind: 'member', identity });
    const words = new AsyncQueue<string>(10);
    const answers = echo.chat(words, callContext())[Symbol.asyncIterator]();
    words.push('before');
    expect((await answers.next()).value).toBe('you said before');
    identity.set(manager);
    expect((await echo.whoAmI(callContext())).peer).toBe(`manager ${manager.nodeId}`);
    words.push('after');
    expect((await answers.next()).value).toBe('you said after');
    await answers.return?.(undefined);
  });
});

describe('strangers', () => {
  it('are limited in number; members still get in', async () => {
    const { address } = await harness.server(manager);
    const [host, port] = address.split(':');
    const sockets = await Promise.all(
      Array.from({ length: MAX_STRANGER_CONNECTIONS }, () => strangerSocket(host ?? '', Number(port))),
    );
    try {
      const joining = harness.echo(address, { kind: 'pinned-root', rootPem: manager.rootPem });
      await expect(joining.say({ text: '' }, callContext())).rejects.toMatchObject({ kind: 'unavailable' });
      const member = harness.member(address, worker);
      await expect(member.say({ text: 'in' }, callContext())).resolves.toEqual({ text: 'in' });
    } finally {
      for (const socket of sockets) {
        socket.destroy();
      }
    }
    const later = harness.echo(address, { kind: 'pinned-root', rootPem: manager.rootPem });
    await expect
      .poll(() => later.say({ text: 'now' }, callContext()).catch(() => undefined))
      .toEqual({ text: 'now' });
  });

  it('may have only so many calls open, and get their places back', async () => {
    let waiting = 0;
    const service = echoService({
      async *chat(_messages, { signal }) {
        waiting += 1;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        waiting -= 1;
      },
    });
    const { address } = await harness.server(manager, service);
    const echo = harness.echo(address, { kind: 'pinned-root', rootPem: manager.rootPem });
    const stop = new AbortController();
    const open = Array.from({ length: MAX_STRANGER_CALLS }, () =>
      echo
        .chat(silence(), callContext(stop.signal))
        [Symbol.asyncIterator]()
        .next()
        .catch(() => undefined),
    );
    await expect.poll(() => waiting).toBe(MAX_STRANGER_CALLS);
    const refused = { kind: 'exhausted', code: 'too-many-strangers', retryable: true };
    await expect(echo.forStrangers({ text: '' }, callContext())).rejects.toMatchObject(refused);
    stop.abort();
    await Promise.all(open);
    await expect.poll(() => waiting).toBe(0);
    await expect
      .poll(() => echo.forStrangers({ text: 'again' }, callContext()).catch(() => undefined))
      .toEqual({ text: 'again' });
  });

  it('that speak no HTTP/2 are cut', async () => {
    const { address } = await harness.server(manager);
    const [host, port] = address.split(':');
    const socket = connectTls({ host: host ?? '', port: Number(port), rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
  });
});

it('a server takes no second service at the same path', async () => {
  const { server } = await harness.server(manager);
  expect(() => server.serve({ again: methodAt('/test.Echo/Say') }, { again: async () => '' })).toThrow(
    'invariant broken: /test.Echo/Say is served once',
  );
});

function methodAt(path: string) {
  const text = (value: unknown) => Buffer.from(String(value));
  return {
    kind: 'unary',
    path,
    allow: [],
    timeoutMs: 1,
    encodeRequest: text,
    decodeRequest: () => ({}),
    encodeResponse: text,
    decodeResponse: () => '',
    noRequest: true,
  } as const;
}

async function* silence(): AsyncGenerator<string> {
  await new Promise(() => undefined);
}

function strangerSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    socket.once('error', reject);
    // The server's settings frame: the connection was accepted.
    socket.once('data', () => resolve(socket));
  });
}
