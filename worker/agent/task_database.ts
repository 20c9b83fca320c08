// The tasks of this node on disk, one file each, so that a restarted daemon knows what its containers are
// without asking anyone. A task holds references to secrets, never their data; its registry credentials stay away
// from the disk too: a task that is yet to pull its image waits for the managers to assign it again.
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../shared/errors.ts';
import { isId } from '../../shared/ids.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import { decodeObject, encodeObject } from '../../shared/wire/objects.ts';

export class TaskDatabase {
  private readonly logger: Logger;
  private readonly directory: string;
  /** Newest version waiting for each task whose file is being written. */
  private readonly writing = new Map<Id, { latest: Task | 'remove'; done: Promise<void> }>();

  constructor(dependencies: { readonly logger: Logger }, options: { readonly root: string }) {
    this.logger = dependencies.logger;
    this.directory = join(options.root, 'tasks');
  }

  /** All tasks that can be read; a damaged file is reported and left out (the managers will send the task again). */
  async load(): Promise<readonly Task[]> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const tasks: Task[] = [];
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if (!isId(name)) {
        await rm(path, { force: true });
        continue;
      }
      try {
        tasks.push(decodeObject('task', await readFile(path)));
      } catch (error) {
        this.logger.warn(
          { task: name, error: errorMessage(error) },
          'a task file is damaged and was dropped',
        );
        await rm(path, { force: true });
      }
    }
    return tasks;
  }

  /** Writes the newest version; calls while a write runs are answered by one further write. */
  save(task: Task): Promise<void> {
    return this.put(task.id, task);
  }

  remove(id: Id): Promise<void> {
    return this.put(id, 'remove');
  }

  /** Resolves when all that was asked for before is on disk, or failed (each caller was told). */
  async flush(): Promise<void> {
    await Promise.allSettled([...this.writing.values()].map((entry) => entry.done));
  }

  private put(id: Id, latest: Task | 'remove'): Promise<void> {
    const under = this.writing.get(id);
    if (under !== undefined) {
      under.latest = latest;
      return under.done;
    }
    const entry = { latest, done: Promise.resolve() };
    this.writing.set(id, entry);
    entry.done = this.drain(id, entry);
    return entry.done;
  }

  private async drain(id: Id, entry: { latest: Task | 'remove' }): Promise<void> {
    try {
      for (let written: Task | 'remove' | undefined; written !== entry.latest; ) {
        const next: Task | 'remove' = entry.latest;
        await this.write(id, next);
        written = next;
      }
    } finally {
      this.writing.delete(id);
    }
  }

  private async write(id: Id, task: Task | 'remove'): Promise<void> {
    const path = join(this.directory, id);
    if (task === 'remove') {
      await rm(path, { force: true });
      return;
    }
    await writeFile(`${path}.tmp`, encodeObject('task', withoutCredentials(task)), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }
}

function withoutCredentials(task: Task): Task {
  const { registryAuth: _secret, ...container } = task.spec.container;
  return { ...task, spec: { ...task.spec, container } };
}
