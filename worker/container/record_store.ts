// The records of this node's plain containers on disk, one directory each below `<root>/standalone`: the record, and
// beside it what the container wrote to its root. Written atomically; a damaged record is told and left alone.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { hasErrno } from '../kernel/errors.ts';
import { type ContainerRecord, isContainerId } from './api.ts';

const FORMAT = 1;
const FILE = 'record.json';

export class RecordStore {
  private readonly directory: string;
  private readonly log: Logger;

  constructor(dependencies: { readonly log: Logger }, options: { readonly root: string }) {
    this.log = dependencies.log;
    this.directory = join(options.root, 'standalone');
  }

  /** Where a container's writable layer lies; lasts until it is removed. */
  writable(id: string): string {
    return join(this.directory, id);
  }

  async load(): Promise<readonly ContainerRecord[]> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const records: ContainerRecord[] = [];
    for (const name of await readdir(this.directory)) {
      const record = isContainerId(name) ? await this.read(name) : undefined;
      if (record !== undefined) {
        records.push(record);
      }
    }
    return records.sort((one, other) => one.createdAt - other.createdAt);
  }

  async save(record: ContainerRecord): Promise<void> {
    const directory = this.writable(record.id);
    await mkdir(directory, { recursive: true, mode: 0o711 });
    const path = join(directory, FILE);
    const file = await open(`${path}.tmp`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ format: FORMAT, ...record }));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
  }

  /** The record first: without one, what is left is nobody's and goes at the next start. */
  async remove(id: string): Promise<void> {
    await rm(join(this.writable(id), FILE), { force: true });
    await rm(this.writable(id), { recursive: true, force: true });
  }

  private async read(id: string): Promise<ContainerRecord | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.writable(id), FILE), 'utf8');
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) {
        await rm(this.writable(id), { recursive: true, force: true });
        return undefined;
      }
      throw error;
    }
    try {
      return parse(text, id);
    } catch (error) {
      this.log.error(
        { container: id, error: errorMessage(error) },
        'the record of a container is damaged: it is left as it is',
      );
      return undefined;
    }
  }
}

/** What the file of this version holds was written by `save`; another version, or another id, is not understood. */
function parse(text: string, id: string): ContainerRecord {
  const record: ContainerRecord & { readonly format?: number } = JSON.parse(text);
  if (record.format !== FORMAT || record.id !== id || typeof record.config !== 'object') {
    throw new Error(`format ${String(record.format)} of a record of ${String(record.id)}`);
  }
  return record;
}
