import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, lstatSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackLayer } from './unpack.ts';

type EntryList = readonly (readonly [Partial<Header> & { name: string }, string?])[];

async function tarOf(entries: EntryList): Promise<Buffer> {
  const tar = pack();
  for (const [header, body] of entries) {
    tar.entry({ ...header }, body ?? '');
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    if (Buffer.isBuffer(chunk)) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

describe('a layer is unpacked', () => {
  let base: string;
  let root: string;
  const { signal } = new AbortController();

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'skt-unpack-'));
    root = join(base, 'root');
    execFileSync('mkdir', [root]);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  async function unpack(entries: EntryList): Promise<void> {
    await unpackLayer(Readable.from([await tarOf(entries)]), root, signal);
  }

  it('with owners, modes, times, links and directories made on the way', async () => {
    const mtime = new Date('2020-01-02T03:04:05Z');
    await unpack([
      [{ name: 'bin/', type: 'directory', mode: 0o755, mtime }],
      [{ name: 'bin/tool', mode: 0o4755, uid: 7, gid: 8, mtime }, 'hello'],
      [{ name: 'bin/same', type: 'link', linkname: 'bin/tool' }],
      [{ name: 'deep/er/file' }, 'x'],
      [{ name: 'lib', type: 'symlink', linkname: 'usr/lib' }],
      [{ name: 'lib/inside' }, 'through the link'],
    ]);
    const tool = statSync(join(root, 'bin/tool'));
    expect([tool.mode & 0o7777, tool.uid, tool.gid, tool.nlink]).toEqual([0o4755, 7, 8, 2]);
    expect(tool.mtime).toEqual(mtime);
    expect(statSync(join(root, 'bin')).mtime).toEqual(mtime);
    expect(readFileSync(join(root, 'usr/lib/inside'), 'utf8')).toBe('through the link');
  });

  it('whiteouts become 0/0 devices, opaque directories the attribute of overlayfs', async () => {
    await unpack([
      [{ name: 'dir/', type: 'directory' }],
      [{ name: 'dir/.wh.gone' }],
      [{ name: 'dir/.wh..wh..opq' }],
    ]);
    const gone = lstatSync(join(root, 'dir/gone'));
    expect(gone.isCharacterDevice()).toBe(true);
    expect(gone.rdev).toBe(0);
    expect(existsSync(join(root, 'dir/.wh..wh..opq'))).toBe(false);
  });

  it('a later entry replaces an earlier one', async () => {
    await unpack([
      [{ name: 'a' }, 'one'],
      [{ name: 'a' }, 'two'],
    ]);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('two');
  });

  it.each([
    ['a name that climbs', [[{ name: '../evil' }, 'x']]],
    ['a name that climbs from within', [[{ name: 'a/../../evil' }, 'x']]],
    ['a hard link that climbs', [[{ name: 'evil', type: 'link', linkname: '../../etc/passwd' }]]],
    [
      'an attribute of overlayfs',
      [[{ name: 'evil', pax: { 'SCHILY.xattr.trusted.overlay.redirect': '/' } }, 'x']],
    ],
  ] satisfies [string, EntryList][])('refuses %s', async (_name, entries) => {
    await expect(unpack(entries)).rejects.toMatchObject({ code: 'unsafe-entry' });
    expect(existsSync(join(base, 'evil'))).toBe(false);
  });

  it('follows a link to outside only inside the root', async () => {
    await unpack([[{ name: 'out', type: 'symlink', linkname: '../../../..' }], [{ name: 'out/evil' }, 'x']]);
    expect(existsSync(join(base, 'evil'))).toBe(false);
    expect(readFileSync(join(root, 'evil'), 'utf8')).toBe('x');
  });

  it('a cut archive is damaged', async () => {
    const whole = await tarOf([[{ name: 'file' }, 'y'.repeat(5000)]]);
    await expect(unpackLayer(Readable.from([whole.subarray(0, 2000)]), root, signal)).rejects.toMatchObject({
      code: 'image-damaged',
    });
  });
});
