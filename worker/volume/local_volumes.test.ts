import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { LocalVolumes } from './local_volumes.ts';

let root: string;
let volumes: LocalVolumes;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
  volumes = new LocalVolumes({ clock: systemClock }, { root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('local volumes', () => {
  it('creates once, lists, and survives a new instance', async () => {
    const made = await volumes.create({ name: 'data', labels: { a: 'b' }, options: {} });
    expect(await volumes.create({ name: 'data', labels: {}, options: {} })).toEqual(made);
    const again = new LocalVolumes({ clock: systemClock }, { root });
    expect(await again.list()).toEqual([made]);
  });

  it.each(['', '../x', 'a/b', '.hidden', '-x'])('refuses the name %j', async (name) => {
    await expect(volumes.create({ name, labels: {}, options: {} })).rejects.toThrow('is invalid');
  });

  it('refuses to remove what is held; prune leaves it', async () => {
    await volumes.create({ name: 'a', labels: {}, options: {} });
    await volumes.create({ name: 'b', labels: {}, options: {} });
    volumes.hold('a', 'task1');
    await expect(volumes.remove('a')).rejects.toThrow('volume is in use - [task1]');
    expect(await volumes.prune(() => true)).toEqual(['b']);
    volumes.release('task1');
    await volumes.remove('a');
    await expect(volumes.inspect('a')).rejects.toThrow('no such volume: a');
  });

  it('fills an empty volume from the image, with links, modes and owners, and never a second time', async () => {
    const source = join(root, 'image');
    mkdirSync(join(source, 'sub'), { recursive: true, mode: 0o750 });
    writeFileSync(join(source, 'sub/file'), 'hello');
    symlinkSync('/etc/passwd', join(source, 'link'));
    const owner = process.getuid?.() === 0 ? 33 : (process.getuid?.() ?? 0);
    chownSync(join(source, 'sub'), owner, owner);
    const { mountpoint } = await volumes.create({ name: 'v', labels: {}, options: {} });
    await volumes.copyUp('v', source);
    expect(readFileSync(join(mountpoint, 'sub/file'), 'utf8')).toBe('hello');
    expect(statSync(join(mountpoint, 'sub'))).toMatchObject({ uid: owner, gid: owner });
    writeFileSync(join(source, 'sub/file'), 'changed');
    await volumes.copyUp('v', source);
    expect(readFileSync(join(mountpoint, 'sub/file'), 'utf8')).toBe('hello');
  });
});
