import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/log.ts';
import { LocalImageStore } from './local_store.ts';
import { localPlatform } from './platform.ts';

const { signal } = new AbortController();

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

async function tarOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) {
    tar.entry({ name, mtime: new Date(0) }, text);
  }
  tar.finalize();
  return collect(tar);
}

const sha = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('images of a node', () => {
  let directory: string;
  let store: LocalImageStore;
  const open = async (name: string) => {
    const opened = new LocalImageStore(
      { clock: systemClock, log: silentLogger },
      { directory: join(directory, name), insecure: [], defaultRegistry: '' },
    );
    await opened.start();
    return opened;
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'skt-image-'));
    store = await open('one');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const importWeb = async (changes: readonly string[] = []) =>
    store.import(Readable.from([await tarOf({ 'etc/motd': 'hello' })]), {
      reference: 'web:1',
      changes,
      message: '',
      signal,
    });

  it('import makes an image of one layer with the changes applied', async () => {
    const image = await importWeb([
      'CMD ["/bin/sh", "-c", "true"]',
      'ENV A=1 B="two words"',
      'EXPOSE 80',
      'USER 7',
    ]);
    expect(image.repoTags).toEqual(['web:1']);
    expect(image.config).toMatchObject({
      cmd: ['/bin/sh', '-c', 'true'],
      env: ['A=1', 'B=two words'],
      exposedPorts: ['80/tcp'],
      user: '7',
    });
    const { lowerDirs } = await store.hold(image.id, 'task1');
    expect(readFileSync(join(lowerDirs[0] ?? '', 'etc/motd'), 'utf8')).toBe('hello');
  });

  it('an unknown change is refused and leaves nothing', async () => {
    await expect(importWeb(['RUN rm -rf /'])).rejects.toMatchObject({ code: 'bad-change' });
    expect(store.list()).toEqual([]);
  });

  it('what one store saves another loads, names and content alike; layers are shared', async () => {
    const image = await importWeb();
    await store.tag('web:1', 'web:2');
    const archive = await collect(store.save(['web:1', 'web:2']));
    const other = await open('two');
    const loaded = await other.load(Readable.from([gzipSync(archive)]), { signal });
    expect(loaded.map((item) => item.id)).toEqual([image.id, image.id]);
    expect(loaded.map((item) => item.repoTags)).toEqual([['web:1'], ['web:2']]);
    expect(other.find('web:2')?.repoTags).toEqual(['web:1', 'web:2']);
    expect(readdirSync(join(directory, 'two', 'l'))).toHaveLength(1);
  });

  it('finds by name, id, id prefix and pinned id', async () => {
    const { id } = await importWeb();
    for (const reference of ['web:1', id, id.slice('sha256:'.length, 20), `web@${id}`]) {
      expect(store.find(reference)?.id, reference).toBe(id);
    }
    expect(store.find('web')).toBeUndefined();
    expect(store.find('abcd')).toBeUndefined();
  });

  it('a held image is not removed; released and unnamed it goes with its parts', async () => {
    const { id } = await importWeb();
    await store.hold(id, 'task1');
    await expect(store.remove('web:1', { force: false })).rejects.toMatchObject({ code: 'image-in-use' });
    const forced = await store.remove('web:1', { force: true });
    expect(forced).toEqual({ untagged: ['web:1'], deleted: [] });
    await store.release('task1');
    expect(store.list()).toEqual([]);
    expect(readdirSync(join(directory, 'one', 'l'))).toEqual([]);
    expect(readdirSync(join(directory, 'one', 'blobs', 'sha256'))).toEqual([]);
  });

  it('holds and names survive a restart', async () => {
    const { id } = await importWeb();
    await store.hold(id, 'task1');
    const again = await open('one');
    await again.retainHolders(new Set(['task1']));
    await expect(again.remove('web:1', { force: false })).rejects.toMatchObject({ code: 'image-in-use' });
  });

  it('a cut or tampered archive is refused and leaves nothing', async () => {
    await importWeb();
    const archive = await collect(store.save(['web:1']));
    const other = await open('two');
    const cut = archive.subarray(0, archive.length - 2000);
    await expect(other.load(Readable.from([cut]), { signal })).rejects.toMatchObject({
      code: 'image-damaged',
    });
    // The layer's file holds `hello`: change it, and the config's digest no longer fits.
    const at = archive.indexOf('hello');
    const tampered = Buffer.from(archive);
    tampered.write('jello', at);
    await expect(other.load(Readable.from([tampered]), { signal })).rejects.toMatchObject({
      code: 'image-damaged',
    });
    expect(other.list()).toEqual([]);
  });

  it('an archive whose member climbs out is refused', async () => {
    const evil = await tarOf({ '../../evil': 'x' });
    await expect(store.load(Readable.from([evil]), { signal })).rejects.toMatchObject({
      code: 'unsafe-entry',
    });
    expect(existsSync(join(directory, 'evil'))).toBe(false);
  });

  it('an unknown image without a registry fails at once', async () => {
    await expect(store.ensure('nowhere:1', { signal })).rejects.toMatchObject({ code: 'image-not-found' });
  });

  it('what it saves is a tar that others can list', async () => {
    await importWeb();
    const names: string[] = [];
    const reader = extract();
    Readable.from([await collect(store.save(['web:1']))]).pipe(reader as unknown as NodeJS.WritableStream);
    for await (const entry of reader) {
      names.push(entry.header.name);
      entry.resume();
    }
    expect(names.slice(0, 3)).toEqual(['oci-layout', 'index.json', 'manifest.json']);
    expect(names).toHaveLength(6);
  });

  describe('from a registry', () => {
    let server: Server;
    let address: string;
    const blobs = new Map<string, Buffer>();
    const manifests = new Map<string, Buffer>();
    let breakAt: number | undefined;
    let password: string | undefined;

    beforeEach(async () => {
      blobs.clear();
      manifests.clear();
      breakAt = undefined;
      password = undefined;
      server = createServer((request, response) => {
        if (
          password !== undefined &&
          request.headers.authorization !== `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
        ) {
          response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
          return;
        }
        const [, kind = '', name = ''] = /^\/v2\/web\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
        const found = (kind === 'manifests' ? manifests : blobs).get(name);
        if (found === undefined) {
          response.writeHead(404).end();
          return;
        }
        const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        response.writeHead(from > 0 ? 206 : 200, { 'content-length': found.length - from });
        if (breakAt !== undefined && kind === 'blobs' && from === 0 && found.length > breakAt) {
          response.write(found.subarray(0, breakAt), () => response.destroy());
          return;
        }
        response.end(found.subarray(from));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const bound = server.address();
      address = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    async function publish(
      options: { readonly corrupt?: boolean; readonly os?: string } = {},
    ): Promise<string> {
      const layer = await tarOf({ 'etc/motd': 'x'.repeat(20_000) });
      const zipped = gzipSync(layer, { level: 0 });
      const config = Buffer.from(
        JSON.stringify({
          ...localPlatform(),
          ...(options.os !== undefined && { os: options.os }),
          rootfs: { type: 'layers', diff_ids: [sha(layer)] },
        }),
      );
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          config: { mediaType: 'c', digest: sha(config), size: config.length },
          layers: [{ mediaType: 'l', digest: sha(zipped), size: zipped.length }],
        }),
      );
      blobs.set(sha(config), config);
      blobs.set(sha(zipped), options.corrupt === true ? Buffer.alloc(zipped.length) : zipped);
      manifests.set('1', manifest).set(sha(manifest), manifest);
      return sha(manifest);
    }

    it('pulls by tag and by digest', async () => {
      const digest = await publish();
      const image = await store.ensure(`${address}/web:1`, { signal });
      expect(image.repoTags).toEqual([`${address}/web:1`]);
      expect(image.repoDigests).toEqual([`${address}/web@${digest}`]);
      expect(store.find(`${address}/web@${digest}`)?.id).toBe(image.id);
      expect((await store.resolve(`${address}/web:1`, { signal })).digest).toBe(digest);
    });

    it('a transfer that breaks off is resumed', async () => {
      await publish();
      breakAt = 7_000;
      await expect(store.pull(`${address}/web:1`, { signal })).resolves.toMatchObject({ os: 'linux' });
    });

    it.each([
      ['a blob with other bytes', { corrupt: true }, 'image-damaged'],
      ['an image of another platform', { os: 'plan9' }, 'wrong-platform'],
    ])('refuses %s', async (_name, options, code) => {
      await publish(options);
      await expect(store.pull(`${address}/web:1`, { signal })).rejects.toMatchObject({ code });
      expect(store.list()).toEqual([]);
    });

    it('takes basic credentials, and says so when they are wrong', async () => {
      await publish();
      password = 'secret';
      const reference = `${address}/web:1`;
      await expect(store.pull(reference, { signal })).rejects.toMatchObject({ code: 'registry-denied' });
      const auth = { username: 'me', password: 'secret', serverAddress: address };
      await expect(store.pull(reference, { signal, auth })).resolves.toMatchObject({ repoTags: [reference] });
    });

    it('a missing tag is not found, a registry that is gone is unreachable', async () => {
      await expect(store.pull(`${address}/web:9`, { signal })).rejects.toMatchObject({
        code: 'image-not-found',
      });
      await expect(store.pull('127.0.0.1:1/web:9', { signal })).rejects.toMatchObject({
        code: 'registry-unreachable',
      });
    });
  });
});
