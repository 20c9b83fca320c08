// Connections that leave HTTP: what is refused in words, and what becomes of those that wait when the daemon ends.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiBed, apiBed } from '../../test/support/api_bed.ts';

describe('attach', () => {
  let bed: ApiBed;
  let directory: string;
  let sockets: Socket[];
  beforeEach(async () => {
    bed = await apiBed();
    directory = mkdtempSync(join(tmpdir(), 'skt-attach-'));
    sockets = [];
    await bed.app.listen({ path: join(directory, 's') });
    await bed.app.inject({
      method: 'POST',
      url: '/images/create?fromSrc=-&repo=web&tag=1',
      headers: { 'content-type': 'text/plain' },
      payload: Buffer.alloc(1024),
    });
    await bed.app.inject({ method: 'POST', url: '/containers/create?name=box', payload: { Image: 'web:1' } });
  });
  afterEach(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await bed.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Asks for an upgraded connection; resolves with the first that comes back. */
  async function upgrade(line: string): Promise<{ readonly socket: Socket; readonly text: string }> {
    const socket = connect(join(directory, 's'));
    sockets.push(socket);
    socket.write(`${line} HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
    const [data] = await once(socket, 'data');
    return { socket, text: String(data) };
  }

  it.each([
    ['POST /containers/nothing/attach?stream=1', /^HTTP\/1\.1 404 .*"No such container: nothing"/s],
    ['POST /containers/%zz/attach?stream=1', /^HTTP\/1\.1 404 .*No such container/s],
    ['POST /v9.9/containers/box/attach', /^HTTP\/1\.1 400 .*too new/s],
    ['POST /session', /^HTTP\/1\.1 501 .*not implemented/s],
    ['GET /containers/box/attach', /^HTTP\/1\.1 501 .*not implemented/s],
  ])('%s is refused in words', async (line, words) => {
    const { socket, text } = await upgrade(line);
    expect(text).toMatch(words);
    await once(socket, 'close');
  });

  it('is answered before the container starts, and ends with its removal', async () => {
    const { socket, text } = await upgrade('POST /v1.41/containers/box/attach?stream=1&stdout=1');
    expect(text).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\nContent-Type: application\/vnd\.docker\.multiplexed-stream/,
    );
    const ended = once(socket.resume(), 'end');
    await bed.app.inject({ method: 'DELETE', url: '/containers/box' });
    await ended;
  });

  it('clients that wait do not hold up the end of the daemon', async () => {
    const { socket } = await upgrade('POST /containers/box/attach?stream=1&stdout=1&stdin=1');
    const closed = once(socket.resume(), 'close');
    await bed.app.close();
    await closed;
  });

  it('only so many clients wait at one container', async () => {
    const waiting = await Promise.all(
      Array.from({ length: 64 }, () => upgrade('POST /containers/box/attach?stream=1&stdout=1')),
    );
    const { socket } = await upgrade('POST /containers/box/attach?stream=1&stdout=1');
    await once(socket.resume(), 'end');
    expect(waiting.some((one) => one.socket.readableEnded)).toBe(false);
  });
});
