// The `local` volume driver: named directories below `<root>/volumes` that live until someone removes them.
// Knows who uses a volume (by holder, a task id), not what for.
import {
  chmod,
  cp,
  lchown,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { Labels } from '../../shared/model/meta.ts';
import { hasErrno } from '../kernel/errors.ts';
import { badVolume, volumeInUse, volumeNotFound } from './errors.ts';

/** Docker's rule for names; it also keeps them inside their directory. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;
const DATA = '_data';
const META = 'volume.json';

export interface LocalVolume {
  readonly name: string;
  readonly driver: 'local';
  readonly mountpoint: string;
  readonly labels: Labels;
  readonly options: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface CreateVolume {
  readonly name: string;
  readonly driver?: string;
  readonly labels: Labels;
  readonly options: Readonly<Record<string, string>>;
}

export class LocalVolumes {
  private readonly clock: Clock;
  private readonly directory: string;
  /** Holders of each volume in use. */
  private readonly holders = new Map<string, Set<string>>();

  constructor(dependencies: { readonly clock: Clock }, options: { readonly root: string }) {
    this.clock = dependencies.clock;
    this.directory = join(options.root, 'volumes');
  }

  /** Makes the volume, or returns the one of that name. @throws SkeinError `bad-volume` */
  async create(request: CreateVolume): Promise<LocalVolume> {
    const { name, labels, options } = request;
    if (!NAME.test(name)) {
      throw badVolume(
        `volume name "${name}" is invalid: use letters, digits, "_", "." and "-", beginning with a letter or digit`,
      );
    }
    if ((request.driver ?? 'local') !== 'local' && request.driver !== '') {
      throw badVolume(`volume driver "${request.driver}" is not available: only "local" is`);
    }
    if (Object.keys(options).length > 0) {
      throw badVolume('options of the local volume driver are not supported: use a bind mount instead');
    }
    const existing = await this.read(name);
    if (existing !== undefined) {
      return existing;
    }
    const createdAt = this.clock.now();
    await mkdir(this.dataPath(name), { recursive: true, mode: 0o755 });
    const path = join(this.directory, name, META);
    await writeFile(`${path}.tmp`, JSON.stringify({ labels, options, createdAt }), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
    return { name, driver: 'local', mountpoint: this.dataPath(name), labels, options, createdAt };
  }

  async inspect(name: string): Promise<LocalVolume> {
    const volume = await this.read(name);
    if (volume === undefined) {
      throw volumeNotFound(name);
    }
    return volume;
  }

  async list(): Promise<readonly LocalVolume[]> {
    const volumes = await Promise.all((await this.names()).map((name) => this.read(name)));
    return volumes.filter((volume) => volume !== undefined);
  }

  /** @throws SkeinError `volume-not-found`, `volume-in-use` */
  async remove(name: string): Promise<void> {
    await this.inspect(name);
    const users = [...(this.holders.get(name) ?? [])];
    if (users.length > 0) {
      throw volumeInUse(name, users);
    }
    await rm(join(this.directory, name), { recursive: true, force: true });
  }

  /** Removes the volumes that nobody holds and `chosen` accepts; returns their names. */
  async prune(chosen: (volume: LocalVolume) => boolean): Promise<readonly string[]> {
    const unused = (await this.list()).filter((volume) => !this.holders.has(volume.name) && chosen(volume));
    for (const volume of unused) {
      await this.remove(volume.name);
    }
    return unused.map((volume) => volume.name);
  }

  /** Notes that `holder` uses the volume, which can then not be removed. */
  hold(name: string, holder: string): void {
    const holders = this.holders.get(name) ?? new Set();
    this.holders.set(name, holders.add(holder));
  }

  /** Drops all that `holder` held. */
  release(holder: string): void {
    for (const [name, holders] of this.holders) {
      holders.delete(holder);
      if (holders.size === 0) {
        this.holders.delete(name);
      }
    }
  }

  holdersOf(name: string): readonly string[] {
    return [...(this.holders.get(name) ?? [])];
  }

  /**
   * Fills an empty volume with what the image has at the target, owner and mode of the directory included.
   * Does nothing when the volume has content or the source is no directory.
   * @param source directory on this host, already resolved inside the image's root
   */
  async copyUp(name: string, source: string): Promise<void> {
    const target = this.dataPath(name);
    if ((await readdir(target)).length > 0 || !(await isDirectory(source))) {
      return;
    }
    await copyTree(source, target);
  }

  private async read(name: string): Promise<LocalVolume | undefined> {
    if (!NAME.test(name)) {
      return undefined;
    }
    let text: string;
    try {
      text = await readFile(join(this.directory, name, META), 'utf8');
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
        return undefined;
      }
      throw error;
    }
    const meta = parseMeta(text);
    return { name, driver: 'local', mountpoint: this.dataPath(name), ...meta };
  }

  private async names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.directory)).sort();
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) {
        return [];
      }
      throw error;
    }
  }

  private dataPath(name: string): string {
    return join(this.directory, name, DATA);
  }
}

function parseMeta(text: string): Pick<LocalVolume, 'labels' | 'options' | 'createdAt'> {
  const value: unknown = JSON.parse(text);
  const fields: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  const createdAt = fields['createdAt'];
  return {
    labels: strings(fields['labels']),
    options: strings(fields['options']),
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
  };
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      return false;
    }
    throw error;
  }
}

/** Links stay links; owners are copied by hand, because `cp` leaves them to the caller's. */
async function copyTree(source: string, target: string): Promise<void> {
  await cp(source, target, {
    recursive: true,
    dereference: false,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  });
  await copyOwners(source, target);
}

async function copyOwners(source: string, target: string): Promise<void> {
  const status = await lstat(source);
  await lchown(target, status.uid, status.gid);
  if (!status.isSymbolicLink()) {
    await chmod(target, status.mode & 0o7777);
  }
  if (status.isDirectory() && (await stat(target)).isDirectory()) {
    for (const name of await readdir(source)) {
      await copyOwners(join(source, name), join(target, name));
    }
  }
}
