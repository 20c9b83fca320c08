// Connection tracking of a real kernel: whose entries are forgotten, and whose are not. Root only.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionsTo, deleteConnections, forgetConnections, forgetConnectionsWhere } from './conntrack.ts';
import { createNamespace, removeNamespace } from './namespace.ts';
import { connectSocket, openSocket } from './socket.ts';

const VIP = '10.9.0.1';
const [OLD, NEW] = ['10.9.0.2', '10.9.0.3'] as const;

let dir = '';
let path = '';
let servers: Server[] = [];
let sockets: Socket[] = [];

function sh(command: string): void {
  execFileSync('nsenter', [`--net=${path}`, 'sh', '-c', command]);
}

/** New connections to the VIP go there from now on. */
function lead(address: string): void {
  sh(`nft 'flush chain ip t c; add rule ip t c ip daddr ${VIP} dnat to ${address}'`);
}

/** Says its name and repeats what it hears; closes at `bye`, before the client does, whose port is free at once. */
function serve(address: string): void {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(address);
    socket.on('data', (data: Buffer) => {
      if (data.toString() === 'bye') {
        socket.end();
      } else {
        socket.write(data);
      }
    });
  });
  server.listen({ fd: openSocket(path, 'tcp', address, 80) });
  servers.push(server);
}

/** A connection to the VIP, always from the same port. */
function open(): Socket {
  const socket = new Socket({ fd: connectSocket(path, VIP, 80) });
  sockets.push(socket);
  return socket;
}

/** What comes next; the error's code, when that does. */
function next(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString()));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('end'));
  });
}

async function close(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume().write('bye');
  await closed;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
  path = join(dir, 'netns');
});

afterEach(() => {
  for (const socket of sockets) {
    socket.destroy();
  }
  for (const server of servers) {
    server.close();
  }
  [servers, sockets] = [[], []];
  removeNamespace(path);
  rmSync(dir, { recursive: true, force: true });
});

describe.runIf(process.getuid?.() === 0)('translated connections', { timeout: 5_000 }, () => {
  beforeEach(() => {
    createNamespace(path);
    sh(`for a in ${VIP} ${OLD} ${NEW}; do ip addr add $a/32 dev lo; done; ip link set lo up`);
    sh('echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range');
    sh("nft 'add table ip t; add chain ip t c { type nat hook output priority -100; }'");
    serve(OLD);
    serve(NEW);
  });

  it('are forgotten by the address they lead to, and no others', async () => {
    lead(OLD);
    expect(await next(open())).toBe(OLD);
    expect(connectionsTo(path, [OLD, NEW]).map(({ target }) => target)).toEqual([OLD]);
    expect(forgetConnections(path, [NEW])).toBe(0);
    expect(forgetConnectionsWhere(path, (target) => target === NEW)).toBe(0);
    expect(forgetConnections(path, [OLD])).toBe(1);
    expect(connectionsTo(path, [OLD])).toEqual([]);
    expect(forgetConnections(path, [OLD])).toBe(0);
  });

  it('live on when a client took the port of a closed one while that was about to be forgotten', async () => {
    lead(OLD);
    const before = open();
    expect(await next(before)).toBe(OLD);
    await close(before);
    const closed = connectionsTo(path, [OLD]);
    expect(closed).toHaveLength(1);

    lead(NEW);
    const again = open();
    expect(await next(again)).toBe(NEW);
    deleteConnections(path, closed);

    // What has no entry any more would be led elsewhere now.
    lead(OLD);
    again.write('still there?');
    expect(await next(again)).toBe('still there?');
  });
});
