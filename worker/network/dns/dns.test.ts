// The name server: what names and addresses lead to, as tables, and its sockets on loopback with an
// upstream server of the test.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server } from 'node:net';
import { type Answer, type Packet, decode, encode, streamDecode, streamEncode } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { canTakeDescriptors } from '../../kernel/descriptor.ts';
import { homeNamespace } from '../../kernel/namespace.ts';
import { openSocket } from '../../kernel/socket.ts';
import { spawnProcess } from '../../kernel/spawn.ts';
import { type TestTask, serviceOf, viewOf } from '../test/views.ts';
import { decide, parseQuery } from './answer.ts';
import { Resolver, type ResolverOptions } from './resolver.ts';
import { Upstream } from './upstream.ts';
import { lookupAddress, lookupName, reverseAddress } from './zone.ts';

const tasks: TestTask[] = [
  { id: 'a', host: 1, address: '10.5.0.11' },
  { id: 'b', host: 1, address: '10.5.0.12' },
  { id: 'c', host: 1, address: '10.5.0.13', state: 'starting' },
];
const front = viewOf([], 'front', '10.5.0.0/24', [
  serviceOf('web', '10.5.0.2', tasks, { aliases: ['www', 'shared'] }),
  serviceOf('db', '10.5.0.3', [{ id: 'd', host: 1, address: '10.5.0.20' }], {
    mode: 'dnsrr',
    virtualIps: [],
    aliases: ['shared'],
  }),
]);
const back = viewOf([], 'back', '10.6.0.0/24', [
  serviceOf('web', '10.6.0.2', []),
  serviceOf('cache', '10.6.0.3', []),
  serviceOf(
    'crowd',
    '10.6.0.4',
    Array.from({ length: 60 }, (_, index) => ({ id: `m${index}`, host: 1, address: `10.6.0.${index + 10}` })),
  ),
]);
const mesh = viewOf([], 'ingress', '10.4.0.0/24', [serviceOf('hidden', '10.4.0.2', [])], { ingress: true });
const views = [mesh, front, back];

describe('names', () => {
  it.each([
    ['web', ['10.5.0.2']],
    ['WEB.', ['10.5.0.2']],
    ['www', ['10.5.0.2']],
    ['shared', ['10.5.0.2', '10.5.0.20']],
    ['db', ['10.5.0.20']],
    ['tasks.web', ['10.5.0.11', '10.5.0.12']],
    ['tasks.www', ['10.5.0.11', '10.5.0.12']],
    ['web.1.a', ['10.5.0.11']],
    ['web.3.c', ['10.5.0.13']],
    ['cache', ['10.6.0.3']],
    ['web.back', ['10.6.0.2']],
    ['web.front', ['10.5.0.2']],
  ])('%s leads to %j', (name, addresses) => {
    expect(lookupName(views, name)).toEqual({ known: true, addresses });
  });

  it.each(['hidden', 'tasks.nothing', 'nothing', 'web.example.com', ''])('%j is unknown', (name) => {
    expect(lookupName(views, name)).toEqual({ known: false });
  });

  it('resolves only on networks that the task shares', () => {
    expect(lookupName([back], 'db')).toEqual({ known: false });
  });

  it('names addresses', () => {
    expect(reverseAddress('12.0.5.10.in-addr.arpa.')).toBe('10.5.0.12');
    expect(reverseAddress('nonsense.in-addr.arpa')).toBeUndefined();
    expect(lookupAddress(views, '10.5.0.12')).toEqual(['web.2.b.front']);
    expect(lookupAddress(views, '10.5.0.2')).toEqual(['web.front']);
  });

  it('rotates, and has no AAAA for names without IPv6', () => {
    const query = (type: 'A' | 'AAAA') => {
      const parsed = parseQuery(encode({ type: 'query', id: 1, questions: [{ type, name: 'tasks.web' }] }));
      if (parsed === undefined) {
        throw new Error('no query');
      }
      return parsed;
    };
    const first = (turn: number): unknown => {
      const decision = decide(query('A'), views, turn);
      return decision.kind === 'answer' && decision.answers[0];
    };
    expect([first(0), first(1), first(2)]).toMatchObject([
      { data: '10.5.0.11' },
      { data: '10.5.0.12' },
      { data: '10.5.0.11' },
    ]);
    expect(decide(query('AAAA'), views, 0)).toEqual({ kind: 'answer', answers: [], rcode: 0 });
  });

  it.each(['', '00', 'ffff', '000100000001000000000000', 'c00c'.repeat(40)])('survives garbage %j', (hex) => {
    expect(() => parseQuery(Buffer.from(hex, 'hex'))).not.toThrow();
  });
});

const PORT = 20_053 + (process.pid % 1000) * 2;
const UPSTREAM_PORT = PORT + 1;

describe('the server', () => {
  let resolver: Resolver;
  let upstreamUdp: UdpSocket;
  let upstreamTcp: Server;
  let answered = 0;
  let isComplete = true;

  beforeEach(() => {
    answered = 0;
    isComplete = true;
    const answersOf = (name: string): Answer[] =>
      Array.from({ length: name === 'large.example' ? 100 : 1 }, (_, index) => ({
        ...{ type: 'A' as const, name, ttl: 300, data: `192.0.2.${index + 1}` },
      }));
    const reply = (query: Packet, truncated: boolean): Packet => ({
      type: 'response',
      id: query.id ?? 0,
      flags: truncated ? 0x200 : 0,
      questions: query.questions ?? [],
      answers: truncated ? [] : answersOf(query.questions?.[0]?.name ?? ''),
    });
    upstreamUdp = createSocket('udp4');
    upstreamUdp.on('message', (data, from) => {
      answered += 1;
      const query = decode(data);
      const name = query.questions?.[0]?.name ?? '';
      if (name !== 'silent.example') {
        upstreamUdp.send(encode(reply(query, name === 'large.example')), from.port, from.address);
      }
    });
    upstreamUdp.bind({ fd: openSocket(homeNamespace(), 'udp', '127.0.0.1', UPSTREAM_PORT) });
    upstreamTcp = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (data) => socket.end(streamEncode(reply(streamDecode(data), false))));
    });
    upstreamTcp.listen({ fd: openSocket(homeNamespace(), 'tcp', '127.0.0.1', UPSTREAM_PORT) });
    resolver = open(['127.0.0.1']);
  });

  afterEach(() => {
    resolver.close();
    upstreamUdp.close();
    upstreamTcp.close();
  });

  function open(servers: readonly string[], kept?: ResolverOptions['kept']): Resolver {
    const options = { hostNamespace: homeNamespace(), port: UPSTREAM_PORT };
    const opened = new Resolver(
      {
        clock: systemClock,
        log: silentLogger,
        upstream: new Upstream({ clock: systemClock }, options),
        views: () => views,
        isComplete: () => isComplete,
      },
      { namespace: homeNamespace(), address: '127.0.0.1', port: PORT, servers, kept },
    );
    opened.open();
    return opened;
  }

  function askUdp(name: string, extra: Partial<Packet> = {}): Promise<Packet & { truncated: boolean }> {
    const socket = createSocket('udp4');
    return new Promise<Packet & { truncated: boolean }>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        const packet = decode(data);
        resolve({ ...packet, truncated: packet.flag_tc });
      });
      const query = {
        type: 'query' as const,
        id: 7,
        flags: 0x100,
        questions: [{ type: 'A' as const, name }],
        ...extra,
      };
      socket.send(encode(query), PORT, '127.0.0.1');
    }).finally(() => socket.close());
  }

  function askTcp(name: string): Promise<Packet> {
    return new Promise((resolve, reject) => {
      const socket = connect(PORT, '127.0.0.1');
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          socket.destroy();
          resolve(streamDecode(received));
        }
      });
      socket.write(streamEncode({ type: 'query', id: 9, flags: 0x100, questions: [{ type: 'A', name }] }));
    });
  }

  const data = (packet: Packet): unknown[] =>
    (packet.answers ?? []).map((answer) => 'data' in answer && answer.data);

  it('answers what the cluster knows by udp and tcp, with a time to live of seconds', async () => {
    const packet = await askUdp('web');
    expect(packet).toMatchObject({ id: 7, answers: [{ name: 'web', ttl: 5, data: '10.5.0.2' }] });
    expect(data(await askTcp('db'))).toEqual(['10.5.0.20']);
    expect(answered).toBe(0);
  });

  it('asks upstream for the rest', async () => {
    expect(data(await askUdp('example.com'))).toEqual(['192.0.2.1']);
    expect(data(await askTcp('example.com'))).toEqual(['192.0.2.1']);
  });

  it('follows a cut answer by tcp, and cuts its own datagram', async () => {
    const cut = await askUdp('large.example');
    expect([cut.truncated, data(cut)]).toEqual([true, []]);
    expect(data(await askTcp('large.example'))).toHaveLength(100);
  });

  it('a name of sixty tasks: what fits by plain udp, all of them by EDNS and by tcp', async () => {
    const plain = await askUdp('tasks.crowd');
    expect([plain.truncated, data(plain).length]).toEqual([true, 30]);
    const wide = await askUdp('tasks.crowd', {
      additionals: [
        {
          ...{ type: 'OPT', name: '.', udpPayloadSize: 4_096, extendedRcode: 0, ednsVersion: 0 },
          ...{ flags: 0, flag_do: false, options: [] },
        },
      ],
    });
    expect([wide.truncated, data(wide).length]).toEqual([false, 60]);
    expect(data(await askTcp('tasks.crowd'))).toHaveLength(60);
    expect(answered).toBe(0);
  });

  it('says SERVFAIL at once when nobody is there', async () => {
    resolver.close();
    upstreamUdp.close();
    upstreamUdp = createSocket('udp4');
    resolver = open(['127.0.0.1']);
    const began = systemClock.monotonic();
    expect(await askUdp('example.com')).toMatchObject({ rcode: 'SERVFAIL' });
    expect(systemClock.monotonic() - began).toBeLessThan(1000);
    resolver.close();
    resolver = open([]);
    expect(await askUdp('example.com')).toMatchObject({ rcode: 'SERVFAIL' });
  });

  it('refuses a container that has too much under way, and still answers what it knows', async () => {
    const flood = Array.from({ length: 150 }, () => askUdp('silent.example'));
    const refused = await Promise.race(flood);
    expect(refused).toMatchObject({ rcode: 'SERVFAIL' });
    expect(data(await askUdp('web'))).toEqual(['10.5.0.2']);
    await Promise.allSettled(flood);
  });

  it('a silent upstream: SERVFAIL below the five seconds of resolvers, then within one, and none when it is back', async () => {
    const timed = async (name: string) => {
      const began = systemClock.monotonic();
      const { rcode } = (await askUdp(name)) as { rcode?: string };
      return { rcode, ms: systemClock.monotonic() - began };
    };
    const [first, second] = [await timed('silent.example'), await timed('silent.example')];
    expect([first.rcode, second.rcode]).toEqual(['SERVFAIL', 'SERVFAIL']);
    expect(first.ms).toBeLessThan(3_000);
    expect(second.ms).toBeLessThan(1_000);
    expect(data(await askUdp('example.com'))).toEqual(['192.0.2.1']);
  });

  it.runIf(canTakeDescriptors())(
    'questions wait for the next daemon in sockets that another keeps',
    async () => {
      const keeper = spawnProcess({
        ...{ file: 'sleep', args: ['60'], env: {} },
        give: new Map(resolver.descriptors.map((fd, at) => [7 + at, fd])),
      });
      try {
        resolver.close();
        const waiting = [askUdp('web'), askTcp('db')];
        resolver = open(['127.0.0.1'], { pid: keeper.pid, descriptors: [7, 8] });
        expect((await Promise.all(waiting)).map(data)).toEqual([['10.5.0.2'], ['10.5.0.20']]);
        // What cannot be had any more is opened anew.
        resolver.close();
        keeper.kill('SIGKILL');
        await keeper.exited;
        resolver = open(['127.0.0.1'], { pid: keeper.pid, descriptors: [7, 8] });
        expect(data(await askUdp('web'))).toEqual(['10.5.0.2']);
      } finally {
        keeper.kill('SIGKILL');
      }
    },
  );

  it('questions wait until the views of all networks are known, and are asked of nobody else', async () => {
    resolver.close();
    isComplete = false;
    resolver = open(['127.0.0.1']);
    resolver.viewsChanged();
    const waiting = [askUdp('web'), askTcp('db')];
    const early = await Promise.race([...waiting, systemClock.sleep(300, new AbortController().signal)]);
    expect([early, answered]).toEqual([undefined, 0]);
    isComplete = true;
    resolver.viewsChanged();
    expect((await Promise.all(waiting)).map(data)).toEqual([['10.5.0.2'], ['10.5.0.20']]);
    resolver.close();
    isComplete = false;
    resolver = open(['127.0.0.1']);
  });

  it('a flood is answered in small pieces and loses the rest', async () => {
    const flooder = createSocket('udp4');
    const query = encode({ type: 'query', id: 1, flags: 0x100, questions: [{ type: 'A', name: 'web' }] });
    let answers = 0;
    flooder.on('message', () => {
      answers += 1;
    });
    const began = systemClock.monotonic();
    for (let sent = 0; sent < 20_000; sent += 50) {
      for (let one = 0; one < 50; one += 1) {
        flooder.send(query, PORT, '127.0.0.1');
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const seconds = (systemClock.monotonic() - began) / 1_000;
    expect(answers).toBeGreaterThan(500);
    // What the kernel had taken when it was told to take no more is answered too.
    expect(answers).toBeLessThanOrEqual(1_000 + 2_000 * seconds + 1_000);
    flooder.close();
    // It is forgiven at once.
    await systemClock.sleep(300, new AbortController().signal);
    expect(data(await askUdp('web'))).toEqual(['10.5.0.2']);
  });

  it('a flood by tcp is answered in small pieces to its end', async () => {
    const flood = connect(PORT, '127.0.0.1');
    const question = streamEncode({
      ...{ type: 'query' as const, id: 3, flags: 0x100 },
      questions: [{ type: 'A' as const, name: 'web' }],
    });
    const answerBytes = await new Promise<number>((resolve) => {
      flood.once('data', (first) => resolve(first.length));
      flood.write(question);
    });
    let bytes = 0;
    flood.on('data', (chunk) => {
      bytes += chunk.length;
    });
    flood.on('error', () => flood.destroy());
    const began = systemClock.monotonic();
    flood.write(Buffer.concat(Array.from({ length: 5_000 }, () => question)));
    await expect.poll(() => bytes, { timeout: 8_000 }).toBe(5_000 * answerBytes);
    expect(systemClock.monotonic() - began).toBeGreaterThan(1_500);
    flood.destroy();
  });

  it('answers thousands of queries a second', async () => {
    const began = systemClock.monotonic();
    for (let batch = 0; batch < 20; batch += 1) {
      await Promise.all(Array.from({ length: 50 }, () => askUdp('web')));
    }
    const perSecond = 1_000_000 / (systemClock.monotonic() - began);
    expect(perSecond).toBeGreaterThan(1000);
  });
});
