// A container that ends in order has its last bytes delivered: real processes, real packets. Root only.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSocket } from '../../kernel/socket.ts';
import { Fabric, type Host, sh } from '../test/fabric.ts';
import { requestOf, serviceOf, viewOf } from '../test/views.ts';
import { undelivered } from './last_words.ts';

const NET = 'neta00000001';
const never = new AbortController().signal;
const server = { id: 'taska0000001', host: 1, address: '10.5.0.11' };
const client = { id: 'taskb0000002', host: 2, address: '10.5.0.12' };
/** More than a client that does not read takes, so that the kernel holds the rest back. */
const BYTES = 200_000;
const LIMIT_MS = 10_000;
/** Answers the first call, and ends as soon as the kernel has taken the answer. */
const SPEAKER = `
require('node:net').createServer((socket) => {
  socket.resume().end(Buffer.alloc(${BYTES}, 'x'), () => { process.stdout.write('ended', () => process.exit(0)); });
}).listen({ port: 80, backlog: 1 }, () => process.stdout.write('ready'));
`;

describe.runIf(process.getuid?.() === 0)('the last words of a task', () => {
  let fabric: Fabric;
  let host: Host;
  let paths: readonly string[] = [];
  let speaker: ChildProcess | undefined;

  /** Connection of a client that reads nothing yet, of a server that has said all and is gone. */
  async function callAndHearNothing(): Promise<number> {
    speaker = spawn('nsenter', [`--net=${paths[0]}`, process.execPath, '-e', SPEAKER]);
    await said(speaker);
    const fd = connectSocket(paths[1] ?? '', '10.5.0.2', 80);
    await new Promise((resolve) => speaker?.once('exit', resolve));
    return fd;
  }

  /** Bytes until the end; the error's code, when that comes first. */
  function hear(fd: number): Promise<number | string> {
    return new Promise((resolve) => {
      const socket = new Socket({ fd });
      let bytes = 0;
      socket.on('data', (data: Buffer) => {
        bytes += data.length;
      });
      socket.on('end', () => resolve(bytes));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }

  beforeAll(async () => {
    fabric = new Fabric(2);
    await fabric.start();
    host = fabric.host(1);
    const services = [serviceOf('web', '10.5.0.2', [server]), serviceOf('client', '10.5.0.3', [client])];
    for (const { plane } of fabric.hosts) {
      plane.setView(viewOf(fabric.hosts, NET, '10.5.0.0/24', services));
    }
    paths = await Promise.all(
      [server, client].map(async (task) => {
        const request = requestOf(task.id, [[NET, task.address]]);
        return (await fabric.host(task.host).plane.attach(request, never)).netnsPath;
      }),
    );
  });

  afterAll(async () => {
    speaker?.kill('SIGKILL');
    await fabric.destroy();
  });

  it('reach a client that reads late, though no process is left to send them', async () => {
    const fd = await callAndHearNothing();
    // That of the name server, and the one with the answer.
    expect(undelivered(paths[0] ?? '')).toBe(2);
    const heard = hear(fd);
    await host.plane.farewell(server.id, LIMIT_MS);
    expect(undelivered(paths[0] ?? '')).toBe(0);
    await host.plane.detach(server.id);
    expect(await heard).toBe(BYTES);
  });

  it('are not waited for longer than the limit', async () => {
    // Another task: the kernel may still be taking the first one's link away.
    const id = 'taskc0000003';
    const request = requestOf(id, [[NET, server.address]]);
    paths = [(await host.plane.attach(request, never)).netnsPath, paths[1] ?? ''];
    const fd = await callAndHearNothing();
    const begin = performance.now();
    await host.plane.farewell(id, 100);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(100);
    expect(undelivered(paths[0] ?? '')).toBe(1);
    const inside = join(host.execRoot, 'netns', `net-${NET}`);
    expect(sh(inside, 'ip link')).toContain(`t-${id}`);
    await host.plane.detach(id);
    // The namespace lives as long as the socket; the task's link does not.
    expect(sh(inside, 'ip link')).not.toContain(`t-${id}`);
    expect(await host.plane.check()).toEqual({});
    await host.plane.farewell(id, LIMIT_MS);
    new Socket({ fd }).destroy();
  });
});

function said(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.stdout?.once('data', resolve));
}
