// One client, one port of its own, several hosts: its connections lead to the same replica and keep the client's
// address, so only their port can tell them apart there. Root only.
import { type Server, Socket, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomInt, seededRandom } from '../../../shared/random.ts';
import { connectSocket, openSocket } from '../../kernel/socket.ts';
import { Fabric, sh } from './fabric.ts';
import { requestOf, serviceOf, viewOf } from './views.ts';

const TURNS = 120;
const INGRESS = 'ingress00001';
const never = new AbortController().signal;
const replica = { id: 'taska0000001', host: 3, address: '10.4.0.11' };
const ports = [{ name: '', protocol: 'tcp' as const, target: 80, published: 8080, mode: 'ingress' as const }];

describe.runIf(process.getuid?.() === 0)('connections of one client port through several hosts', () => {
  let fabric: Fabric;
  let server: Server;
  const sockets: Socket[] = [];

  function connect(number: number): Socket {
    const socket = new Socket({ fd: connectSocket(fabric.client, fabric.host(number).address, 8080) });
    socket.setEncoding('utf8').setTimeout(3_000, () => socket.destroy(new Error('silence')));
    sockets.push(socket);
    return socket;
  }

  beforeAll(async () => {
    fabric = new Fabric(3);
    await fabric.start();
    const service = serviceOf('web', '10.4.0.2', [replica], { ports });
    for (const { plane } of fabric.hosts) {
      plane.setView(viewOf(fabric.hosts, INGRESS, '10.4.0.0/24', [service], { vni: 4096, ingress: true }));
    }
    const request = requestOf(replica.id, [[INGRESS, replica.address]]);
    const { netnsPath } = await fabric.host(replica.host).plane.attach(request, never);
    server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(socket.remoteAddress ?? '');
      socket.on('data', (data) => (data.toString() === 'bye' ? socket.end() : socket.write(data)));
    });
    server.listen({ fd: openSocket(netnsPath, 'tcp', '0.0.0.0', 80) });
    sh(fabric.client, 'echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range');
  });

  afterAll(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
    await fabric.destroy();
  });

  it('live side by side, and the replica sees the client in each', async () => {
    const one = connect(1);
    expect(await next(one)).toBe('10.77.0.250');
    const two = connect(2);
    expect(await next(two)).toBe('10.77.0.250');
    const three = connect(3);
    expect(await next(three)).toBe('10.77.0.250');
    for (const socket of [one, two, three]) {
      socket.write('still there?');
      expect(await next(socket)).toBe('still there?');
    }
    for (const socket of [one, two, three]) {
      await close(socket);
    }
  });

  it('follow one another at once', async () => {
    for (const number of [1, 2, 3, 1, 2, 3]) {
      const begin = performance.now();
      const socket = connect(number);
      expect(await next(socket)).toBe('10.77.0.250');
      await close(socket);
      // A connection request that has to be sent again costs a second.
      expect(performance.now() - begin).toBeLessThan(900);
    }
  });

  it('live and follow one another in every order, on few ports', async () => {
    sh(fabric.client, 'echo 41000 41003 >/proc/sys/net/ipv4/ip_local_port_range');
    const open = new Map<string, Socket>();
    const random = seededRandom(7);
    const silent: string[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      const place = `${randomInt(random, 1, 3)}:${randomInt(random, 1, 2)}`;
      const held = open.get(place);
      open.delete(place);
      if (held === undefined) {
        const socket = connect(Number(place[0]));
        open.set(place, socket);
        silent.push(...((await next(socket)) === '10.77.0.250' ? [] : [`${turn}: ${place} is not led`]));
      } else {
        held.write('still there?');
        silent.push(...((await next(held)) === 'still there?' ? [] : [`${turn}: ${place} is cut`]));
        await close(held);
      }
    }
    expect(silent).toEqual([]);
  });
});

/** The server closes first: the client's port is free at once. */
async function close(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume().write('bye');
  await closed;
}

/** What comes next; empty at the end; the error's text. */
function next(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('error', (error) => resolve(error.message));
    socket.once('end', () => resolve(''));
  });
}
