// Hears of ended containers: conmon renames a file named after the container, holding its exit code, into
// one directory; inotify tells. The files outlive the daemon, so an end while it was away is found too.
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../kernel/errors.ts';

export class ExitWatcher {
  private readonly directory: string;
  private readonly onFile: (id: string) => void;
  private readonly onFailure: (error: unknown) => void;
  private watcher: FSWatcher | undefined;

  /** @param onFile called, perhaps more than once, when the exit file of this id may be there */
  constructor(
    handlers: { readonly onFile: (id: string) => void; readonly onFailure: (error: unknown) => void },
    options: { readonly directory: string },
  ) {
    this.directory = options.directory;
    this.onFile = handlers.onFile;
    this.onFailure = handlers.onFailure;
  }

  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    this.watcher = watch(this.directory, { persistent: false }, (_event, name) => {
      if (name !== null && /^[0-9a-z-]+$/.test(name)) {
        this.onFile(name);
      }
    });
    this.watcher.on('error', this.onFailure);
  }

  stop(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  /** The exit code, or undefined while it runs. */
  async read(id: string): Promise<number | undefined> {
    try {
      const text = await readFile(join(this.directory, id), 'utf8');
      return /^\d{1,3}\s*$/.test(text) ? Number(text) : undefined;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) {
        return undefined;
      }
      throw error;
    }
  }

  async forget(id: string): Promise<void> {
    await rm(join(this.directory, id), { force: true });
  }
}
