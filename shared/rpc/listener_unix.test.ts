// The local socket: its mode, its peer, and what happens when two processes want it.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../log.ts';
import { client } from './client.ts';
import { UnixListener } from './listener_unix.ts';
import { RpcServer } from './server.ts';
import { callContext, echoMethods, echoService } from './test/echo.ts';
import { Harness } from './test/harness.ts';

const harness = new Harness();
afterEach(() => harness.close());

describe('over a unix socket', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-rpc-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const serveAt = async (path: string) => {
    const listener = new UnixListener({}, { path });
    const server = new RpcServer({ listener, clock: systemClock, log: silentLogger });
    server.serve(echoMethods, echoService());
    await server.start();
    return server;
  };

  it('the peer is local, the socket 0600, and gone after stop', async () => {
    const path = join(directory, 'a.sock');
    const server = await serveAt(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const echo = client(echoMethods, harness.connect({ kind: 'unix', path }));
    expect(await echo.whoAmI(callContext())).toEqual({ peer: 'local', forwarded: false });
    await expect(echo.forManagers({ text: '' }, callContext())).rejects.toMatchObject({ kind: 'denied' });
    await server.stop();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(echo.say({ text: '' }, callContext())).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('a second server on a socket that answers is refused', async () => {
    const path = join(directory, 'b.sock');
    const server = await serveAt(path);
    await expect(serveAt(path)).rejects.toMatchObject({ code: 'address-in-use' });
    await server.stop();
  });
});
