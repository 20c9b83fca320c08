// A root of a newer version is refused by name; one of before the file existed is of the first version.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkRootFormat, ROOT_FORMAT_VERSION } from './root_format.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skt-root-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('writes the version at the first start and takes it at the next', async () => {
  await checkRootFormat(root);
  expect(await readFile(join(root, 'format'), 'utf8')).toBe(`${ROOT_FORMAT_VERSION}\n`);
  await checkRootFormat(root);
});

it('refuses a newer one, naming both versions and what to do', async () => {
  await writeFile(join(root, 'format'), `${ROOT_FORMAT_VERSION + 1}\n`);
  await expect(checkRootFormat(root)).rejects.toMatchObject({
    code: 'root-newer',
    message: expect.stringMatching(
      /format version 2, this skein reads up to 1: start the newer skeind that wrote it, or give this one another --root/,
    ),
  });
  expect(await readFile(join(root, 'format'), 'utf8')).toBe(`${ROOT_FORMAT_VERSION + 1}\n`);
});

it('does not guess at a damaged one', async () => {
  await writeFile(join(root, 'format'), '');
  await expect(checkRootFormat(root)).rejects.toMatchObject({ code: 'root-format-unreadable' });
});
