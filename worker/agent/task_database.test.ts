// What a task's file holds, and what it must not.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import { containerSpec, task, taskSpec } from '../../test/support/objects.ts';
import { TaskDatabase } from './task_database.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skt-tasks-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('keeps a task but for the credentials of its registry', async () => {
  const plain = task({
    id: 'a'.repeat(25),
    spec: taskSpec({ container: containerSpec({ image: 'r/a:1' }) }),
  });
  const registryAuth = 'the-credentials';
  const container = { ...plain.spec.container, registryAuth };
  const database = new TaskDatabase({ logger: silentLogger }, { root });
  await database.load();
  await database.save({ ...plain, spec: { ...plain.spec, container } });
  expect((await readFile(join(root, 'tasks', plain.id))).includes(registryAuth)).toBe(false);
  expect(await new TaskDatabase({ logger: silentLogger }, { root }).load()).toEqual([plain]);
});
