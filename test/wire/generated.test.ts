// The committed types under shared/wire/generated are those that proto/ makes; the gate notices a stale one.
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const check = (...folder: string[]) =>
  promisify(execFile)('sh', ['proto/generate.sh', '--check', ...folder], { cwd: root });

describe('npm run generate:check', () => {
  let copy: string | undefined;

  afterEach(async () => {
    if (copy !== undefined) {
      await rm(copy, { recursive: true });
      copy = undefined;
    }
  });

  it('passes: the generated types are up to date', async () => {
    await expect(check()).resolves.toBeDefined();
  }, 30_000);

  it('fails on a generated file that differs, and says what to do', async () => {
    copy = await mkdtemp(join(tmpdir(), 'skein-generated-'));
    await cp(join(root, 'shared/wire/generated'), copy, { recursive: true });
    await appendFile(join(copy, 'skein/v1/Task.ts'), 'export type Stale = true;\n');
    await expect(check(copy)).rejects.toThrow(/npm run generate/);
  }, 30_000);
});
