// What a node must remember of its place in the cluster between two starts, besides its certificate.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SkeinError } from '../../shared/errors.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';

export interface NodeState {
  readonly listenAddress: string;
  readonly advertiseAddress: string;
  readonly dataPathAddress: string;
  /** On which interface of this machine each of these addresses stood when it was chosen. */
  readonly interfaces: Readonly<Record<string, string>>;
  /** Managers as last heard of: the agent and a restarting manager ask these. */
  readonly managers: readonly ManagerPeer[];
}

export function addressesOf(state: NodeState): string[] {
  return state.managers.map((manager) => manager.address);
}

export class StateFile {
  private readonly path: string;
  /** Writes never overlap: they share one name for the file to be. */
  private saving: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.path = join(directory, 'node.json');
  }

  /** undefined when the node is in no swarm. @throws SkeinError `state-unreadable` naming the file */
  async load(): Promise<NodeState | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
    return readState(text, this.path);
  }

  /** Replaces the file so that a crash leaves the old or the new one. */
  save(state: NodeState): Promise<void> {
    const write = (): Promise<void> => this.write(state);
    const saved = this.saving.then(write, write);
    this.saving = saved.catch(() => undefined);
    return saved;
  }

  private async write(state: NodeState): Promise<void> {
    const directory = dirname(this.path);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const next = `${this.path}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(state, undefined, 2)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(next, this.path);
  }

  async remove(): Promise<void> {
    await this.saving;
    await rm(this.path, { force: true });
  }
}

/** @throws SkeinError `state-unreadable` naming the file */
export function readState(text: string, path: string): NodeState {
  try {
    return parseState(JSON.parse(text));
  } catch (error) {
    throw new SkeinError(
      'internal',
      'state-unreadable',
      `${path} is damaged: restore it from a backup, or remove the directory it is in and join again`,
      { cause: error },
    );
  }
}

function parseState(value: unknown): NodeState {
  const text = (from: unknown, name: string): string => {
    const field: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
    if (typeof field !== 'string') {
      throw new Error(`${name} is missing`);
    }
    return field;
  };
  const managers: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'managers') : undefined;
  if (!Array.isArray(managers)) {
    throw new Error('managers is missing');
  }
  return {
    listenAddress: text(value, 'listenAddress'),
    advertiseAddress: text(value, 'advertiseAddress'),
    dataPathAddress: text(value, 'dataPathAddress'),
    interfaces: interfacesIn(value),
    managers: managers.map((item) => ({ nodeId: text(item, 'nodeId'), address: text(item, 'address') })),
  };
}

/** Empty in a file of an older version: its addresses stay as they are. */
function interfacesIn(value: unknown): Readonly<Record<string, string>> {
  const found: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'interfaces') : undefined;
  const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
