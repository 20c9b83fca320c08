// The managers that this node knows, on disk: where to look for the leader after a restart.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';

/** More than any cluster has; a file with more is not ours. */
const MANAGERS_MAX = 100;

export class ManagersFile {
  private readonly directory: string;

  constructor(options: { readonly root: string }) {
    this.directory = join(options.root, 'agent');
  }

  /** Empty when there is no file or it is damaged: the address used to join still leads back. */
  async load(): Promise<readonly ManagerPeer[]> {
    try {
      return parseManagers(await readFile(this.path(), 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return [];
      }
      throw error;
    }
  }

  async save(managers: readonly ManagerPeer[]): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeFile(`${this.path()}.tmp`, `${JSON.stringify({ managers }, undefined, 2)}\n`, { mode: 0o600 });
    await rename(`${this.path()}.tmp`, this.path());
  }

  private path(): string {
    return join(this.directory, 'managers.json');
  }
}

export function parseManagers(text: string): readonly ManagerPeer[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const list: unknown =
    typeof value === 'object' && value !== null && 'managers' in value ? value.managers : [];
  return Array.isArray(list) ? list.slice(0, MANAGERS_MAX).filter(isPeer) : [];
}

function isPeer(value: unknown): value is ManagerPeer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'nodeId' in value &&
    typeof value.nodeId === 'string' &&
    'address' in value &&
    typeof value.address === 'string' &&
    value.address !== ''
  );
}
