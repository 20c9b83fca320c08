// Pulls from a real registry, Debian's docker-registry, on loopback: by tag and by digest, anonymous and with
// basic credentials. Images get there by the distribution API's own upload.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/log.ts';
import { LocalImageStore } from '../../worker/image/local_store.ts';
import { localPlatform } from '../../worker/image/platform.ts';
import { eventually } from '../cluster/support/eventually.ts';
import { run } from '../cluster/support/command.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const USER = 'somebody';
const PASSWORD = 'not-a-secret';
const { signal } = new AbortController();

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

async function layer(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'etc/motd' }, 'from the registry');
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) {
    if (chunk instanceof Uint8Array) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

class Registry {
  readonly directory = mkdtempSync(join(tmpdir(), 'skt-registry-'));
  address = '';
  private process: ChildProcess | undefined;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(credentials: boolean) {
    this.headers = credentials
      ? { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` }
      : {};
  }

  async start(): Promise<void> {
    this.address = `127.0.0.1:${await freePort()}`;
    const auth = Object.keys(this.headers).length > 0 ? await this.passwordFile() : {};
    const config = {
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(this.directory, 'data') } },
      http: { addr: this.address },
      ...auth,
    };
    const path = join(this.directory, 'config.yml');
    // YAML takes JSON.
    writeFileSync(path, JSON.stringify(config));
    this.process = spawn('docker-registry', ['serve', path], { stdio: 'ignore' });
    await eventually(
      'the registry answers',
      15_000,
      async () => (await fetch(`http://${this.address}/v2/`)).status < 500,
    );
  }

  async stop(): Promise<void> {
    const { process } = this;
    if (process !== undefined && process.exitCode === null) {
      const ended = new Promise((resolve) => process.once('exit', resolve));
      process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** @returns the manifest's digest */
  async push(name: string, tag: string): Promise<string> {
    const plain = await layer();
    const zipped = gzipSync(plain);
    const config = Buffer.from(
      JSON.stringify({
        ...localPlatform(),
        config: { Cmd: ['/bin/true'] },
        rootfs: { type: 'layers', diff_ids: [digestOf(plain)] },
      }),
    );
    for (const blob of [zipped, config]) {
      await this.upload(name, blob);
    }
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: {
          mediaType: 'application/vnd.docker.container.image.v1+json',
          digest: digestOf(config),
          size: config.length,
        },
        layers: [
          {
            mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
            digest: digestOf(zipped),
            size: zipped.length,
          },
        ],
      }),
    );
    const put = await fetch(`http://${this.address}/v2/${name}/manifests/${tag}`, {
      method: 'PUT',
      headers: { ...this.headers, 'content-type': MANIFEST },
      body: manifest,
    });
    expect(put.status).toBe(201);
    return digestOf(manifest);
  }

  private async upload(name: string, blob: Buffer): Promise<void> {
    const begun = await fetch(`http://${this.address}/v2/${name}/blobs/uploads/`, {
      method: 'POST',
      headers: this.headers,
    });
    const location = new URL(begun.headers.get('location') ?? '', `http://${this.address}`);
    location.searchParams.set('digest', digestOf(blob));
    const put = await fetch(location, {
      method: 'PUT',
      headers: { ...this.headers, 'content-type': 'application/octet-stream' },
      body: blob,
    });
    expect(put.status).toBe(201);
  }

  private async passwordFile() {
    const path = join(this.directory, 'htpasswd');
    await run('htpasswd', ['-Bbc', path, USER, PASSWORD]);
    return { auth: { htpasswd: { realm: 'test', path } } };
  }
}

describe.each([
  ['anonymous', false],
  ['with basic credentials', true],
] as const)('a real registry, %s', (_name, credentials) => {
  const registry = new Registry(credentials);
  let directory: string;
  let store: LocalImageStore;
  let digest: string;
  const auth = credentials ? { auth: { username: USER, password: PASSWORD, serverAddress: '' } } : {};

  beforeAll(async () => {
    await registry.start();
    digest = await registry.push('team/web', '1');
  });
  afterAll(() => registry.stop());
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'skt-image-'));
    store = new LocalImageStore(
      { clock: systemClock, log: silentLogger },
      { directory, insecure: [], defaultRegistry: '' },
    );
    await store.start();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('gives an image by its tag', async () => {
    const image = await store.pull(`${registry.address}/team/web:1`, { signal, ...auth });
    expect(image.repoTags).toEqual([`${registry.address}/team/web:1`]);
    expect(image.repoDigests).toEqual([`${registry.address}/team/web@${digest}`]);
    expect(image.config.cmd).toEqual(['/bin/true']);
  });

  it('gives an image by its digest', async () => {
    const image = await store.ensure(`${registry.address}/team/web@${digest}`, { signal, ...auth });
    expect(image.repoTags).toEqual([]);
    expect(image.repoDigests).toEqual([`${registry.address}/team/web@${digest}`]);
  });

  it('tells the digest and platform of a tag without a pull', async () => {
    const resolved = await store.resolve(`${registry.address}/team/web:1`, { signal, ...auth });
    expect(resolved).toMatchObject({ digest, platforms: [localPlatform()] });
    expect(store.list()).toEqual([]);
  });

  it('says that a tag is not there', async () => {
    await expect(store.pull(`${registry.address}/team/web:2`, { signal, ...auth })).rejects.toMatchObject({
      code: 'image-not-found',
    });
  });

  it.runIf(credentials)('refuses who has no or wrong credentials', async () => {
    const reference = `${registry.address}/team/web:1`;
    await expect(store.pull(reference, { signal })).rejects.toMatchObject({ code: 'registry-denied' });
    const wrong = { username: USER, password: 'wrong', serverAddress: '' };
    await expect(store.pull(reference, { signal, auth: wrong })).rejects.toMatchObject({
      code: 'registry-denied',
    });
  });
});
