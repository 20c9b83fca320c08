// dockerode, the API client that most Node programs use, against the face on a unix socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Dockerode from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiBed, apiBed, SELF } from '../support/api_bed.ts';
import { tinyRootfs } from '../support/tiny_rootfs.ts';

describe('dockerode', () => {
  let bed: ApiBed;
  let directory: string;
  let docker: Dockerode;
  beforeAll(async () => {
    bed = await apiBed();
    directory = mkdtempSync(join(tmpdir(), 'skt-dockerode-'));
    const socketPath = join(directory, 'api.sock');
    await bed.app.listen({ path: socketPath });
    docker = new Dockerode({ socketPath, version: 'v1.41' });
  });
  afterAll(async () => {
    await bed.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('asks for ping, version, info and nodes', async () => {
    expect(String(await docker.ping())).toBe('OK');
    expect((await docker.version()).ApiVersion).toBe('1.50');
    expect((await docker.info()).Swarm.NodeID).toBe(SELF);
    expect((await docker.listNodes()).map((node) => node.ID)).toEqual([SELF]);
  });

  it('makes, changes, lists and removes a service', async () => {
    const created = await docker.createService({
      Name: 'web',
      TaskTemplate: { ContainerSpec: { Image: 'web:1' } },
      Mode: { Replicated: { Replicas: 2 } },
    });
    const service = docker.getService(created.id);
    const before = await service.inspect();
    expect(before.Spec.Mode.Replicated.Replicas).toBe(2);
    await service.update({
      ...before.Spec,
      version: Number(before.Version.Index),
      Mode: { Replicated: { Replicas: 3 } },
    });
    expect((await service.inspect()).Spec.Mode.Replicated.Replicas).toBe(3);
    expect((await docker.listServices({ filters: { name: ['web'] } })).map((one) => one.ID)).toEqual([
      created.id,
    ]);
    await service.remove();
    await expect(service.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('makes networks and secrets', async () => {
    const network = await docker.createNetwork({ Name: 'back', Driver: 'overlay' });
    expect((await network.inspect()).Scope).toBe('swarm');
    await network.remove();
    const { id } = await docker.createSecret({ Name: 'pw', Data: Buffer.from('x').toString('base64') });
    expect((await docker.getSecret(id).inspect()).Spec).toEqual({ Name: 'pw', Labels: {} });
  });

  it('imports, saves, loads and removes an image, and hears of a pull that fails', async () => {
    const finished = (stream: NodeJS.ReadableStream) =>
      new Promise<unknown[]>((resolve, reject) =>
        docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))),
      );
    const imported = await docker.importImage(Readable.from([await tinyRootfs()]), {
      repo: 'tiny',
      tag: '1',
    });
    expect(await finished(imported)).toEqual([{ status: expect.stringMatching(/^sha256:/) }]);
    const image = docker.getImage('tiny:1');
    const saved = await image.get();
    expect(await finished(await docker.loadImage(saved))).toEqual([{ stream: 'Loaded image: tiny:1\n' }]);
    expect((await docker.listImages()).flatMap((one) => one.RepoTags)).toEqual(['tiny:1']);
    await image.remove();
    await expect(docker.pull('nowhere:1')).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringMatching(/No such image: nowhere:1/),
    });
  });

  it('hears of events', async () => {
    const events = await docker.getEvents({ filters: { type: ['config'] } });
    const arrives = new Promise<string>((resolve) => events.once('data', (chunk) => resolve(String(chunk))));
    await docker.createConfig({ Name: 'conf', Data: 'YQ==' });
    expect(JSON.parse(await arrives)).toMatchObject({ Type: 'config', Action: 'create' });
    if (events instanceof Readable) {
      events.destroy();
    }
  });
});
