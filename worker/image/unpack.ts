// One layer's tar into a directory that overlayfs can stack: owners, modes, times, links, devices and
// extended attributes kept, whiteouts turned into overlayfs' own, and nothing written outside the directory.
import { chmod, lchown, link, lstat, lutimes, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import { FILE_TYPE, lsetxattr, mknod } from '../kernel/files.ts';
import { writeEntry } from './entry_file.ts';
import { damaged, unsafeEntry, unsupported } from './errors.ts';

/** OCI image spec, "Whiteouts". */
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const XATTR_RECORD = 'SCHILY.xattr.';
/** What the kernel follows before it gives up (ELOOP). */
const MAX_LINKS = 40;
/** More entries than this is no image but an attack on the disk's inodes. */
const MAX_ENTRIES = 2_000_000;

interface Entry {
  readonly header: Header;
  readonly path: string;
  readonly body: AsyncIterable<unknown>;
}

/**
 * Unpacks an uncompressed tar stream into `root`, which must exist and be empty.
 * @throws SkeinError `unsafe-entry` for a name or hard link that leads out, `image-damaged` for a cut or broken tar
 */
export async function unpackLayer(
  tar: AsyncIterable<Buffer>,
  root: string,
  signal: AbortSignal,
): Promise<void> {
  const reader = extract();
  const feed = pipeline(tar, reader, { signal });
  // The loop below sees the same failure; without a handler here it would be reported twice.
  feed.catch(() => undefined);
  /** Times of directories are set last: writing into one changes it. */
  const directories: { path: string; header: Header }[] = [];
  let entries = 0;
  try {
    for await (const entry of reader) {
      entries += 1;
      if (entries > MAX_ENTRIES) {
        throw unsafeEntry(entry.header.name, `is one too many (more than ${MAX_ENTRIES})`);
      }
      const path = await placeFor(root, entry.header.name);
      await unpackEntry(root, { header: entry.header, path, body: entry });
      if (entry.header.type === 'directory') {
        directories.push({ path, header: entry.header });
      }
      entry.resume();
    }
    await feed;
  } catch (error) {
    throw isTarError(error) ? damaged('the layer', errorMessage(error), error) : error;
  }
  for (const { path, header } of directories.reverse()) {
    await setTimes(path, header);
  }
}

/** What the tar reader throws, as against our own refusals, the file system's errors and an abort. */
function isTarError(error: unknown): boolean {
  return (
    !(error instanceof SkeinError) &&
    error instanceof Error &&
    !('errno' in error) &&
    error.name !== 'AbortError'
  );
}

/** Where an entry goes: names are taken from the root, links in its parents are followed inside the root. */
async function placeFor(root: string, name: string): Promise<string> {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0')) {
    throw unsafeEntry(name, 'climbs out of the root');
  }
  if (parts.length === 0) {
    return root;
  }
  const parent = await resolveInside(root, parts.slice(0, -1), name);
  return join(parent, parts.at(-1) ?? '');
}

/** The real directory below `root` for a list of components, made where it is missing. */
async function resolveInside(root: string, components: readonly string[], name: string): Promise<string> {
  let pending = [...components];
  let current: string[] = [];
  let links = 0;
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    if (next === '..') {
      current = current.slice(0, -1);
      continue;
    }
    if (next === '' || next === '.') {
      continue;
    }
    const path = join(root, ...current, next);
    const target = await linkTarget(path);
    if (target === undefined) {
      current.push(next);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) {
      throw unsafeEntry(name, 'goes through too many symbolic links');
    }
    if (target.startsWith('/')) {
      current = [];
    }
    pending = [...target.split('/'), ...pending];
  }
  return join(root, ...current);
}

/** The target when the path is a symbolic link; otherwise makes sure that it is a directory. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    const status = await lstat(path);
    if (status.isSymbolicLink()) {
      return await readlink(path);
    }
    if (!status.isDirectory()) {
      await rm(path);
      await mkdir(path, { mode: 0o755 });
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
    await mkdir(path, { mode: 0o755 });
  }
  return undefined;
}

async function unpackEntry(root: string, entry: Entry): Promise<void> {
  const { header, path } = entry;
  const name = basename(path);
  if (name === OPAQUE) {
    lsetxattr(dirname(path), 'trusted.overlay.opaque', Buffer.from('y'));
    return;
  }
  if (name.startsWith(WHITEOUT)) {
    const hidden = join(dirname(path), name.slice(WHITEOUT.length));
    await rm(hidden, { recursive: true, force: true });
    mknod(hidden, FILE_TYPE.character, 0, 0, 0);
    return;
  }
  if (path === root && header.type !== 'directory') {
    throw unsafeEntry(header.name, 'would replace the root');
  }
  await makeWay(path, header);
  if (await makeEntry(root, entry)) {
    await setAttributes(path, header);
  }
}

/** A later entry of the same name replaces the earlier, but for a directory on a directory. */
async function makeWay(path: string, header: Header): Promise<void> {
  try {
    const status = await lstat(path);
    if (!(status.isDirectory() && header.type === 'directory')) {
      await rm(path, { recursive: true });
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
}

/** True when the entry has attributes of its own to be set; a hard link shares its target's. */
async function makeEntry(root: string, { header, path, body }: Entry): Promise<boolean> {
  const mode = header.mode & 0o7777;
  switch (header.type) {
    case 'directory':
      await mkdir(path, { recursive: true });
      return true;
    case 'file':
    case 'contiguous-file':
      await writeEntry(path, body, 'wx');
      return true;
    case 'symlink':
      await symlink(header.linkname, path);
      return true;
    case 'link':
      await makeHardLink(root, header, path);
      return false;
    case 'fifo':
      mknod(path, FILE_TYPE.fifo, mode, 0, 0);
      return true;
    case 'character-device':
      mknod(path, FILE_TYPE.character, mode, header.devmajor, header.devminor);
      return true;
    case 'block-device':
      mknod(path, FILE_TYPE.block, mode, header.devmajor, header.devminor);
      return true;
    default:
      throw unsupported(`tar entries of type ${String(header.type)} ('${header.name}')`);
  }
}

async function makeHardLink(root: string, header: Header, path: string): Promise<void> {
  const target = header.linkname;
  const source = await placeFor(root, target);
  try {
    await link(source, path);
  } catch (error) {
    throw damaged('the layer', `'${header.name}' is a hard link to '${target}', which is not in it`, error);
  }
}

async function setAttributes(path: string, header: Header): Promise<void> {
  await lchown(path, header.uid, header.gid);
  if (header.type !== 'symlink') {
    // After chown, which clears the set-id bits.
    await chmod(path, header.mode & 0o7777);
  }
  for (const [record, value] of Object.entries(header.pax ?? {})) {
    if (record.startsWith(XATTR_RECORD) && typeof value === 'string') {
      setXattr(path, record.slice(XATTR_RECORD.length), value);
    }
  }
  if (header.type !== 'directory') {
    await setTimes(path, header);
  }
}

/** Attributes with a meaning for overlayfs itself are no archive's business. */
function setXattr(path: string, name: string, value: string): void {
  if (name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.')) {
    throw unsafeEntry(path, `carries the attribute ${name}`);
  }
  lsetxattr(path, name, Buffer.from(value, 'latin1'));
}

async function setTimes(path: string, header: Header): Promise<void> {
  const time = header.mtime;
  await lutimes(path, time, time);
}
