// Answers and bodies that take their time, over a real socket: events, logs, uploads, bodies too large.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiBed, apiBed } from '../../test/support/api_bed.ts';
import { service, serviceSpec } from '../../test/support/objects.ts';
import { call, text } from '../../test/support/socket_client.ts';
import { tinyRootfs } from '../../test/support/tiny_rootfs.ts';

const MIB = 1024 * 1024;

/** The next chunk of a body that goes on. */
async function next(answer: IncomingMessage): Promise<string> {
  const [chunk] = await once(answer, 'data');
  return String(chunk);
}

describe('over a socket', () => {
  let bed: ApiBed;
  let directory: string;
  let socket: string;
  beforeEach(async () => {
    bed = await apiBed((tx) => {
      tx.create('service', service({ id: 'svc1', spec: serviceSpec({ name: 'web' }) }));
    });
    directory = mkdtempSync(join(tmpdir(), 'skt-stream-'));
    socket = join(directory, 'api.sock');
    await bed.app.listen({ path: socket });
  });
  afterEach(async () => {
    await bed.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const create = (name: string) =>
    bed.app.inject({ method: 'POST', url: '/secrets/create', payload: { Name: name, Data: 'YQ==' } });

  it('events: headers at once, then each event as it happens, until the client goes', async () => {
    const answer = await call(socket, { path: '/v1.41/events?filters={"type":["secret"]}' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'api-version': '1.50' });
    const arrives = next(answer);
    await bed.app.inject({
      method: 'POST',
      url: '/configs/create',
      payload: { Name: 'other', Data: 'YQ==' },
    });
    await create('pw');
    const event = JSON.parse(await arrives);
    expect(event).toMatchObject({
      Type: 'secret',
      Action: 'create',
      Actor: { Attributes: { name: 'pw' } },
      scope: 'swarm',
    });
    expect(event.timeNano / 1e9).toBeCloseTo(event.time, -1);
    answer.destroy();
    await create('after');
  });

  it('events end at the time asked for', async () => {
    const answer = await call(socket, {
      path: `/events?since=${Date.now() / 1000}&until=${Date.now() / 1000}`,
    });
    expect(await text(answer)).toBe('');
  });

  it('logs: frames as they come, and the reader at the managers goes with the client', async () => {
    const line = {
      nodeId: 'n1',
      serviceId: 'svc1',
      taskId: 't1',
      timestamp: 1_700_000_000_123,
      nanos: 456_789,
      stream: 'stderr' as const,
      data: Buffer.from('hello'),
    };
    const path = '/services/web/logs?follow=1&stdout=1&stderr=1&timestamps=1&details=1&tail=all';
    const answer = await call(socket, { path });
    expect(answer.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    const arrives = once(answer, 'data');
    bed.node.logMessages.push(line);
    const [frame] = await arrives;
    const payload =
      '2023-11-14T22:13:20.123456789Z com.docker.swarm.node.id=n1,com.docker.swarm.service.id=svc1,com.docker.swarm.task.id=t1 hello\n';
    expect([...frame.subarray(0, 8)]).toEqual([2, 0, 0, 0, 0, 0, 0, payload.length]);
    expect(String(frame.subarray(8))).toBe(payload);
    answer.destroy();
    await vi.waitFor(() => expect(bed.node.subscriptionsAborted).toBe(1));
  });

  it('logs that cannot be read to the end say why in the stream', async () => {
    const answer = await call(socket, { path: '/services/web/logs?stdout=1' });
    bed.node.logMessages.fail(new Error('node h2 is down'));
    const frame = Buffer.from(await text(answer));
    const reason = 'error reading the logs: node h2 is down\n';
    expect([...frame.subarray(0, 8)]).toEqual([3, 0, 0, 0, 0, 0, 0, reason.length]);
    expect(String(frame.subarray(8))).toBe(reason);
  });

  it('logs of no stream are refused', async () => {
    const answer = await call(socket, { path: '/services/web/logs?follow=1' });
    expect(answer.statusCode).toBe(400);
    expect(await text(answer)).toMatch(/you must choose at least one stream/);
  });

  it.each(['text/plain', 'application/x-tar', ''])('import of a chunked body (%s)', async (type) => {
    const tar = await tinyRootfs();
    const answer = await call(
      socket,
      {
        method: 'POST',
        path: '/images/create?fromSrc=-&repo=motd&tag=1&message=mine&changes=CMD%20true',
        headers: type === '' ? {} : { 'content-type': type },
      },
      async (send) => {
        await send(tar.subarray(0, 700));
        await send(tar.subarray(700));
      },
    );
    const body = await text(answer);
    expect(JSON.parse(body)).toEqual({ status: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(bed.images.find('motd:1')?.id).toBe(JSON.parse(body).status);
  });

  it('what is saved can be loaded again', async () => {
    await bed.app.inject({
      method: 'POST',
      url: '/images/create?fromSrc=-&repo=motd&tag=1',
      headers: { 'content-type': 'application/x-tar' },
      payload: await tinyRootfs(),
    });
    await bed.app.inject({ method: 'POST', url: '/images/motd:1/tag?repo=10.0.0.5:5000/motd&tag=2' });
    const saved = await bed.app.inject('/images/get?names=motd:1&names=10.0.0.5:5000/motd:2');
    expect(saved.headers['content-type']).toBe('application/x-tar');
    const removed = await bed.app.inject({ method: 'DELETE', url: '/images/motd:1' });
    expect(removed.json()).toEqual([{ Untagged: 'motd:1' }]);
    const loaded = await call(
      socket,
      { method: 'POST', path: '/images/load?quiet=1', headers: { 'content-type': 'application/x-tar' } },
      (send) => send(saved.rawPayload),
    );
    expect(loaded.headers['content-type']).toBe('application/json');
    expect(
      (await text(loaded))
        .trim()
        .split('\r\n')
        .map((line) => JSON.parse(line).stream),
    ).toEqual(['Loaded image: motd:1\n', 'Loaded image: 10.0.0.5:5000/motd:2\n']);
  });

  it('a bad archive is refused with the reason, however much is still to be sent', async () => {
    const junk = Buffer.alloc(MIB, 0x5a);
    const answer = await call(
      socket,
      { method: 'POST', path: '/images/load', headers: { 'content-type': 'application/x-tar' } },
      async (send) => {
        for (let sent = 0; sent < 30; sent += 1) {
          await send(junk);
        }
      },
    );
    expect(await text(answer)).toMatch(/^\{"message":"[^"]+"\}$/);
    expect(answer.statusCode).toBe(400);
    expect(bed.images.list()).toEqual([]);
  });

  it.each([
    ['of known length', { 'content-length': String(100 * MIB) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])(
    'a JSON body of 100 MiB (%s) is refused without being kept; the daemon works on',
    async (_how, length) => {
      const before = process.memoryUsage().rss;
      let highest = before;
      const answer = await call(
        socket,
        {
          method: 'POST',
          path: '/services/create',
          headers: { 'content-type': 'application/json', ...length },
        },
        async (send) => {
          for (let sent = 0; sent < 100; sent += 1) {
            await send(Buffer.alloc(MIB, 0x20));
            highest = Math.max(highest, process.memoryUsage().rss);
          }
        },
      );
      expect(answer.statusCode).toBe(413);
      expect(await text(answer)).toBe('{"message":"the request body is larger than 8 MiB"}');
      expect((highest - before) / MIB).toBeLessThan(64);
      expect((await bed.app.inject('/_ping')).statusCode).toBe(200);
    },
  );
});
