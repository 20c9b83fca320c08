// What a restarted daemon needs to take a task's sandbox up before it knows any view: a small file each, in a
// directory that a reboot of the host empties.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PortConfig } from '../../../shared/model/endpoint.ts';
import type { Id } from '../../../shared/model/meta.ts';
import { hasErrno } from '../../kernel/errors.ts';
import type { SandboxInterface } from './sandbox_plan.ts';

export interface SandboxRecord {
  readonly ports: readonly PortConfig[];
  readonly interfaces: readonly SandboxInterface[];
}

export class SandboxRecords {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** All that are there, by task. */
  all(): readonly (readonly [taskId: Id, record: SandboxRecord])[] {
    return (unlessMissing(() => readdirSync(this.directory)) ?? []).flatMap((file) => {
      const taskId = /^task-(.+)\.json$/.exec(file)?.[1];
      const record = taskId === undefined ? undefined : this.read(taskId);
      return taskId === undefined || record === undefined ? [] : [[taskId, record] as const];
    });
  }

  write(taskId: Id, record: SandboxRecord): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    writeFileSync(this.pathOf(taskId), JSON.stringify(record), { mode: 0o600 });
  }

  remove(taskId: Id): void {
    rmSync(this.pathOf(taskId), { force: true });
  }

  private read(taskId: Id): SandboxRecord | undefined {
    return unlessMissing((): SandboxRecord => JSON.parse(readFileSync(this.pathOf(taskId), 'utf8')));
  }

  private pathOf(taskId: Id): string {
    return join(this.directory, `task-${taskId}.json`);
  }
}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}
