// A replica that is stopped before every host knows of it: callers that are led to it yet are not refused; they wait
// until their host leads them elsewhere, and who is connected stays so. Root only.
import { type Server, Socket, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSocket, openSocket } from '../../kernel/socket.ts';
import { Fabric } from './fabric.ts';
import { requestOf, serviceOf, viewOf } from './views.ts';

const INGRESS = 'ingress00001';
const never = new AbortController().signal;
const staying = { id: 'taska0000001', host: 1, address: '10.4.0.11' };
const stopping = { id: 'taskb0000001', host: 2, address: '10.4.0.12' };
const ports = [{ name: '', protocol: 'tcp' as const, target: 80, published: 8080, mode: 'ingress' as const }];
/** Asked again after 1, 3 and 7 s: the host's balancer needs two of them. */
const PATIENCE_MS = 12_000;

describe.runIf(process.getuid?.() === 0)('a replica that is shut', () => {
  let fabric: Fabric;
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  /** What the replica says that is led to, which then waits for more. */
  function connect(number: number): { readonly socket: Socket; readonly name: Promise<string> } {
    const socket = new Socket({ fd: connectSocket(fabric.client, fabric.host(number).address, 8080) });
    socket.setEncoding('utf8').setTimeout(PATIENCE_MS, () => socket.destroy(new Error('silence')));
    sockets.push(socket);
    return { socket, name: next(socket) };
  }

  function next(socket: Socket): Promise<string> {
    return new Promise((resolve) => {
      socket.once('data', (data) => resolve(data.toString()));
      socket.once('error', (error) => resolve(error.message));
    });
  }

  function show(hosts: readonly number[], endpoints: Parameters<typeof serviceOf>[2]): void {
    for (const number of hosts) {
      const service = serviceOf('web', '10.4.0.2', endpoints, { ports });
      const view = viewOf(fabric.hosts, INGRESS, '10.4.0.0/24', [service], { vni: 4096, ingress: true });
      fabric.host(number).plane.setView(view);
    }
  }

  beforeAll(async () => {
    fabric = new Fabric(2);
    await fabric.start();
    show([1, 2], [staying, stopping]);
    for (const { id, host, address } of [staying, stopping]) {
      const { netnsPath } = await fabric.host(host).plane.attach(requestOf(id, [[INGRESS, address]]), never);
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.write(id);
        socket.on('data', (data) => socket.write(data));
      });
      server.listen({ fd: openSocket(netnsPath, 'tcp', '0.0.0.0', 80) });
      servers.push(server);
    }
  });

  afterAll(async () => {
    for (const each of [...sockets, ...servers]) {
      'destroy' in each ? each.destroy() : each.close();
    }
    await fabric.destroy();
  });

  it('keeps who is connected, and lets late callers wait until they are led elsewhere', async () => {
    const before = [connect(1), connect(1), connect(2), connect(2)];
    const names = await Promise.all(before.map(({ name }) => name));
    expect(names.filter((name) => name === stopping.id)).toHaveLength(2);
    await fabric.host(2).plane.shut(stopping.id);
    // Its server takes no more, as one does that was told to stop; host 1 has heard of nothing yet.
    servers[1]?.close();
    const late = [connect(1), connect(1), connect(1), connect(1)];
    await expect(Promise.race(late.map(({ name }) => name))).resolves.toBe(staying.id);
    show([1, 2], [staying, { ...stopping, state: 'draining' }]);
    show([1], [staying]);
    expect(await Promise.all(late.map(({ name }) => name))).toEqual(late.map(() => staying.id));
    for (const [index, { socket }] of before.entries()) {
      if (names[index] === staying.id || index >= 2) {
        socket.write('still there?');
        expect(await next(socket)).toBe('still there?');
      }
    }
  });
});
