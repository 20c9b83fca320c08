// Reads a container's log files, oldest first, with Docker's options; following goes on at new lines as
// inotify tells of them, across rotations.
import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../kernel/errors.ts';
import { LineJoiner, type LogLine, parseLogLine } from './cri_log.ts';

const CHUNK_BYTES = 64 * 1024;
/** Most lines kept in memory for a tail; a greater tail is cut to it. */
const TAIL_MAX_LINES = 100_000;
/** A line of the file beyond this is not conmon's (it writes pieces of 8 KiB): it is skipped. */
const FILE_LINE_MAX_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

export interface LogReadOptions {
  readonly follow: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Lines from the end; -1 for all. */
  readonly tail: number;
  /** Epoch ms; 0 for no bound. */
  readonly since: number;
  readonly until: number;
}

/**
 * @param files directory and names, oldest first; the last is the one being written
 * @param ended resolves when the container has ended: following stops after its last line
 */
export async function* readLog(
  files: { readonly directory: string; readonly names: readonly string[] },
  options: LogReadOptions,
  ended: Promise<unknown>,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  const wanted = (line: LogLine): boolean =>
    (line.stream === 'stdout' ? options.stdout : options.stderr) &&
    line.timestamp >= options.since &&
    (options.until === 0 || line.timestamp <= options.until);
  const cursor = new FileCursor();
  const newest = files.names.at(-1) ?? '';
  const changes = options.follow ? new DirectoryChanges(files.directory, newest, ended) : undefined;
  try {
    const tail = options.tail < 0 ? undefined : new Tail(Math.min(options.tail, TAIL_MAX_LINES));
    for (const name of files.names) {
      await cursor.open(join(files.directory, name));
      for await (const line of cursor.lines(signal)) {
        if (wanted(line)) {
          if (tail === undefined) {
            yield line;
          } else {
            tail.add(line);
          }
        }
      }
    }
    yield* tail?.lines() ?? [];
    while (changes !== undefined && !signal.aborted) {
      const last = (await changes.next(signal)) === 'ended';
      for await (const line of follow(cursor, join(files.directory, newest), signal)) {
        if (options.until !== 0 && line.timestamp > options.until) {
          return;
        }
        if (wanted(line)) {
          yield line;
        }
      }
      if (last) {
        return;
      }
    }
  } finally {
    changes?.close();
    await cursor.close();
  }
}

/** The rest of the file at hand, then, if another has taken its name, that one from its start. */
async function* follow(
  cursor: FileCursor,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  yield* cursor.lines(signal);
  if (await cursor.replaced(path)) {
    yield* cursor.lines(signal);
    await cursor.open(path);
    yield* cursor.lines(signal);
  }
}

/** A place in a file, and the unfinished line before it. */
class FileCursor {
  private handle: FileHandle | undefined;
  private inode = 0;
  private rest: Uint8Array = new Uint8Array();
  private readonly joiner = new LineJoiner();
  private readonly buffer = Buffer.alloc(CHUNK_BYTES);

  /** At the start of this file; of a missing one nothing is read. */
  async open(path: string): Promise<void> {
    await this.close();
    this.rest = new Uint8Array();
    try {
      this.handle = await open(path, 'r');
      this.inode = (await this.handle.stat()).ino;
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) {
        throw error;
      }
      this.inode = 0;
    }
  }

  async replaced(path: string): Promise<boolean> {
    try {
      return (await stat(path)).ino !== this.inode;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) {
        return false;
      }
      throw error;
    }
  }

  /** Complete lines up to the present end. */
  async *lines(signal: AbortSignal): AsyncGenerator<LogLine, void, undefined> {
    while (this.handle !== undefined && !signal.aborted) {
      const { bytesRead } = await this.handle.read(this.buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) {
        return;
      }
      let bytes: Uint8Array = Buffer.concat([this.rest, this.buffer.subarray(0, bytesRead)]);
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
        const piece = parseLogLine(bytes.subarray(0, end));
        const line = piece === undefined ? undefined : this.joiner.add(piece);
        bytes = bytes.subarray(end + 1);
        if (line !== undefined) {
          yield line;
        }
      }
      this.rest = bytes.length > FILE_LINE_MAX_BYTES ? new Uint8Array() : bytes;
    }
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }
}

/** The last so many lines. */
class Tail {
  private readonly limit: number;
  private kept: LogLine[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  add(line: LogLine): void {
    this.kept.push(line);
    // Cut rarely: shifting a long array at each line would cost its length each time.
    if (this.kept.length > 2 * this.limit + 1) {
      this.kept = this.lines().slice();
    }
  }

  lines(): readonly LogLine[] {
    return this.limit === 0 ? [] : this.kept.slice(-this.limit);
  }
}

/** Tells that the log may have grown; several changes between two looks are one. */
class DirectoryChanges {
  private readonly watcher: FSWatcher;
  private changed = true;
  private isEnded = false;
  private wake: (() => void) | undefined;

  constructor(directory: string, name: string, ended: Promise<unknown>) {
    this.watcher = watch(directory, { persistent: false }, (_event, changed) => {
      if (changed === name) {
        this.note();
      }
    });
    this.watcher.on('error', () => {
      // The directory is gone: the container was forgotten.
      this.isEnded = true;
      this.note();
    });
    const onEnd = (): void => {
      this.isEnded = true;
      this.note();
    };
    ended.then(onEnd, onEnd);
  }

  async next(signal: AbortSignal): Promise<'changed' | 'ended'> {
    const onAbort = (): void => this.note();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (!this.changed && !this.isEnded && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    this.changed = false;
    return this.isEnded ? 'ended' : 'changed';
  }

  close(): void {
    this.watcher.close();
  }

  private note(): void {
    this.changed = true;
    this.wake?.();
  }
}
