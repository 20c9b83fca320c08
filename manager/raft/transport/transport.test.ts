// The transport over real gRPC and TLS on loopback: order, snapshots, who may speak for whom, a peer that
// comes and goes.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { CurrentIdentity, type Identity } from '../../../shared/identity/identity.ts';
import { testCluster } from '../../../shared/identity/test/test_cluster.ts';
import { silentLogger } from '../../../shared/log.ts';
import { systemRandom } from '../../../shared/random.ts';
import { client } from '../../../shared/rpc/client.ts';
import { RpcConnection } from '../../../shared/rpc/connection.ts';
import { TlsListener } from '../../../shared/rpc/listener_tls.ts';
import { RpcServer } from '../../../shared/rpc/server.ts';
import { raftTransportMethods } from '../../../shared/wire/methods/raft.ts';
import type { Member, Message, MessageOf } from '../core/types.ts';
import { until } from '../test/cluster.ts';
import { StreamTransport } from './transport.ts';

interface Station {
  readonly transport: StreamTransport;
  readonly received: Message[];
  readonly unreachable: number[];
  readonly snapshots: string[];
  readonly member: Member;
}

const cleanups: (() => Promise<void> | void)[] = [];
let identities: Identity[];

beforeAll(async () => {
  const cluster = await testCluster();
  identities = await Promise.all([1, 2, 3].map(() => cluster.identity('manager')));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

function identityOf(raftId: number): Identity {
  const identity = identities[raftId - 1];
  if (identity === undefined) {
    throw new Error(`no identity ${raftId}`);
  }
  return identity;
}

async function station(
  raftId: number,
  options: { port?: number; identity?: Identity } = {},
): Promise<Station> {
  const identity = options.identity ?? identityOf(raftId);
  const current = new CurrentIdentity(identity);
  const listener = new TlsListener(
    { clock: systemClock, log: silentLogger, identity: current, isRevoked: () => false },
    { host: '127.0.0.1', port: options.port ?? 0 },
  );
  const server = new RpcServer({ clock: systemClock, log: silentLogger, listener });
  const received: Message[] = [];
  const unreachable: number[] = [];
  const snapshots: string[] = [];
  let transport: StreamTransport | undefined;
  server.serve(raftTransportMethods, {
    messages: (batches, context) => transport?.service.messages(batches, context) ?? Promise.resolve(),
    snapshot: (parts, context) => transport?.service.snapshot(parts, context) ?? Promise.resolve(),
  });
  await server.start();
  const connections = new Map<string, RpcConnection>();
  transport = new StreamTransport(
    {
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      connect: (address) => {
        const connection =
          connections.get(address) ??
          new RpcConnection(
            { clock: systemClock },
            { target: { kind: 'tcp', address, trust: { kind: 'member', identity: current } } },
          );
        connections.set(address, connection);
        return client(raftTransportMethods, connection);
      },
    },
    { raftId, address: listener.address, nodeId: identity.nodeId },
  );
  transport.attach({
    onMessages: (messages) => void received.push(...messages),
    onUnreachable: (id) => void unreachable.push(id),
    onSnapshot: async (message, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(64 * 1024);
        parts.push(chunk);
      }
      snapshots.push(`${message.snapshot.index} ${Buffer.concat(parts).length}`);
    },
  });
  await transport.start();
  const made = transport;
  cleanups.push(async () => {
    await made.stop();
    for (const connection of connections.values()) {
      connection.close();
    }
    await server.stop();
  });
  const member = { raftId, nodeId: identity.nodeId, address: listener.address, learner: false };
  return { transport, received, unreachable, snapshots, member };
}

function append(from: number, to: number, index: number, bytes = 100): MessageOf<'append'> {
  const entries = [{ kind: 'data', term: 1, index, data: Buffer.alloc(bytes, index) } as const];
  return { kind: 'append', from, to, term: 1, prevIndex: index - 1, prevTerm: 1, commit: 0, entries };
}

async function* chunks(count: number, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < count; at += 1) {
    yield Buffer.alloc(bytes, at);
  }
}

describe('the stream transport', () => {
  it('carries messages in order, large ones too, and answers to senders it was not told of', async () => {
    const [one, two] = [await station(1), await station(2)];
    one.transport.setMembers([one.member, two.member]);
    for (let index = 1; index <= 200; index += 1) {
      one.transport.send([append(1, 2, index, index % 50 === 0 ? 1.5 * 1024 * 1024 : 100)]);
    }
    await until('all messages', () => two.received.length === 200);
    expect(two.received.map((each) => (each.kind === 'append' ? each.prevIndex + 1 : 0))).toEqual(
      Array.from({ length: 200 }, (_, at) => at + 1),
    );
    const answer: Message = { kind: 'append-response', from: 2, to: 1, term: 1, index: 200 };
    two.transport.send([answer]);
    await until('the answer', () => one.received.length === 1);
    expect(one.received).toEqual([answer]);
  });

  it('carries a snapshot in chunks and fails the sender when the receiver fails', async () => {
    const [one, two] = [await station(1), await station(2)];
    one.transport.setMembers([one.member, two.member]);
    const snapshot = { index: 9, term: 1, members: [one.member, two.member] };
    const message = { kind: 'snapshot', from: 1, to: 2, term: 1, snapshot } as const;
    await one.transport.sendSnapshot(message, chunks(20, 100_000));
    expect(two.snapshots).toEqual(['9 2000000']);
    await two.transport.stop();
    await expect(one.transport.sendSnapshot(message, chunks(2, 10))).rejects.toMatchObject({
      code: 'raft-stopped',
    });
  });

  it('refuses whoever speaks for another member', async () => {
    const [one, two] = [await station(1), await station(2)];
    const impostor = await station(3);
    two.transport.setMembers([one.member, two.member]);
    impostor.transport.setMembers([two.member]);
    // Node 3 claims to be member 1.
    impostor.transport.send([append(1, 2, 1)]);
    await until('the refusal', () => impostor.unreachable.length > 0);
    const liar = await station(1, { identity: identityOf(3) });
    liar.transport.setMembers([two.member]);
    liar.transport.send([append(1, 2, 1)]);
    await until('the refusal', () => liar.unreachable.length > 0);
    expect(two.received).toEqual([]);
  });

  it('reports a peer that is away and finds it again when it is back', async () => {
    const one = await station(1);
    const two = await station(2);
    const port = Number(two.member.address.split(':').at(-1));
    one.transport.setMembers([one.member, two.member]);
    one.transport.send([append(1, 2, 1)]);
    await until('the first message', () => two.received.length === 1);
    await cleanups.pop()?.();
    await until('the loss', () => one.unreachable.includes(2));
    const back = await station(2, { port });
    await until('a message after the return', () => {
      one.transport.send([append(1, 2, 2)]);
      return back.received.length > 0;
    });
  });
});
