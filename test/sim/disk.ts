// A machine's disk with a page cache: what is written is seen at once, what survives a power loss is what was
// synced, and of the rest whatever chance leaves: nothing, all, or a prefix whose last write is torn.
import { dirname } from 'node:path';
import type { Disk, DiskFile, OpenMode } from '../../manager/raft/storage/disk.ts';
import { type Random, randomInt } from '../../shared/random.ts';
import type { Scope, World } from './world.ts';

/** What a disk writes or does not write as one. */
const SECTOR_BYTES = 512;

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number };

/** Bytes that grow. */
class Content {
  private bytes = new Uint8Array(256);
  size = 0;

  write(at: number, data: Uint8Array): void {
    this.reserve(at + data.length);
    if (at > this.size) {
      this.bytes.fill(0, this.size, at);
    }
    this.bytes.set(data, at);
    this.size = Math.max(this.size, at + data.length);
  }

  truncate(size: number): void {
    this.reserve(size);
    this.bytes.fill(0, Math.min(this.size, size), size);
    this.size = size;
  }

  read(at: number, length: number): Uint8Array {
    return this.bytes.slice(Math.min(at, this.size), Math.min(at + length, this.size));
  }

  copyFrom(other: Content): void {
    this.bytes = other.bytes.slice();
    this.size = other.size;
  }

  private reserve(size: number): void {
    if (size > this.bytes.length) {
      const grown = new Uint8Array(Math.max(size, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.size));
      this.bytes = grown;
    }
  }
}

class Inode {
  readonly durable = new Content();
  readonly cached = new Content();
  pending: Change[] = [];

  change(change: Change): void {
    apply(this.cached, change);
    this.pending.push(change);
  }

  /** The first changes reached the platter. */
  settle(count: number): void {
    for (const change of this.pending.splice(0, count)) {
      apply(this.durable, change);
    }
  }
}

function apply(content: Content, change: Change): void {
  if (change.kind === 'write') {
    content.write(change.at, change.bytes);
  } else {
    content.truncate(change.size);
  }
}

type Names = Map<string, Inode>;
type NameChange = (names: Names) => void;

interface Directory {
  durable: Names;
  cached: Names;
  pending: NameChange[];
}

/** What a disk is told to do wrong. */
export interface DiskFaults {
  /** Factor on the time of a sync. */
  slowness: number;
  /** The next sync fails. */
  failSync: boolean;
  full: boolean;
}

export class SimDisk {
  readonly faults: DiskFaults = { slowness: 1, failSync: false, full: false };
  /** Faults that the software above has met; it may have stopped because of them. */
  faultsMet = 0;
  torn = 0;
  private readonly world: World;
  private readonly random: Random;
  private readonly directories = new Map<string, Directory>();

  constructor(world: World, random: Random) {
    this.world = world;
    this.random = random;
  }

  /** The disk as one process sees it: nothing it asked for happens after its death. */
  for(scope: Scope): Disk {
    return new ProcessDisk(this, this.world, scope);
  }

  /** The machine lost its power. Processes must be dead by now. */
  powerLoss(): void {
    for (const directory of this.directories.values()) {
      const kept = randomInt(this.random, 0, directory.pending.length);
      for (const change of directory.pending.slice(0, kept)) {
        change(directory.durable);
      }
      directory.pending = [];
      directory.cached = new Map(directory.durable);
      for (const inode of directory.durable.values()) {
        this.tear(inode);
      }
    }
  }

  /** All files go: the machine was set up anew. */
  wipe(): void {
    this.directories.clear();
  }

  private tear(inode: Inode): void {
    const { pending } = inode;
    if (pending.length > 0) {
      const kept = this.random.next() < 0.4 ? 0 : randomInt(this.random, 0, pending.length);
      const next = pending[kept];
      inode.settle(kept);
      if (next?.kind === 'write' && this.random.next() < 0.7) {
        this.tearWrite(inode, next.at, next.bytes);
      }
    }
    inode.pending = [];
    inode.cached.copyFrom(inode.durable);
  }

  /** Short, or as long as it should be and zero from a sector boundary on. */
  private tearWrite(inode: Inode, at: number, bytes: Uint8Array): void {
    this.torn += 1;
    const cut = randomInt(this.random, 0, bytes.length - 1);
    if (this.random.next() < 0.5) {
      inode.durable.write(at, bytes.subarray(0, cut));
      return;
    }
    const boundary = Math.ceil((at + cut) / SECTOR_BYTES) * SECTOR_BYTES - at;
    const kept = Math.min(boundary, bytes.length);
    // Zeros appear only where the file grew: sectors that were there keep what they held.
    const end = Math.max(inode.durable.size, at + bytes.length);
    inode.durable.write(at, bytes.subarray(0, kept));
    inode.durable.truncate(end);
  }

  // ---- what processes ask for ----

  directory(path: string): Directory {
    let found = this.directories.get(path);
    if (found === undefined) {
      found = { durable: new Map(), cached: new Map(), pending: [] };
      this.directories.set(path, found);
    }
    return found;
  }

  find(path: string): Inode | undefined {
    return this.directory(dirname(path)).cached.get(path);
  }

  rename(path: string, change: NameChange): void {
    const directory = this.directory(dirname(path));
    change(directory.cached);
    directory.pending.push(change);
  }

  write(inode: Inode, at: number, bytes: Uint8Array): void {
    if (this.faults.full) {
      this.faultsMet += 1;
      const taken = randomInt(this.random, 0, bytes.length - 1);
      inode.change({ kind: 'write', at, bytes: bytes.slice(0, taken) });
      throw diskError('ENOSPC', 'no space left on device');
    }
    inode.change({ kind: 'write', at, bytes });
  }

  syncTime(): number {
    const base = 0.2 + this.random.next() * 1.5;
    return base * this.faults.slowness * (this.random.next() < 0.02 ? 20 : 1);
  }

  /** After a failed sync nobody knows what is on the disk (and the cache pretends that all is). */
  finishSync(inode: Inode, count: number): void {
    if (!this.faults.failSync) {
      inode.settle(count);
      return;
    }
    this.faults.failSync = false;
    this.faultsMet += 1;
    const kept = randomInt(this.random, 0, count);
    inode.settle(kept);
    inode.pending.splice(0, count - kept);
    throw diskError('EIO', 'input/output error');
  }

  /** @param count of the changes of names that were there when the sync was asked for. */
  syncDirectory(path: string, count: number): void {
    const directory = this.directory(path);
    for (const change of directory.pending.splice(0, count)) {
      change(directory.durable);
    }
  }
}

class ProcessDisk implements Disk {
  private readonly disk: SimDisk;
  private readonly world: World;
  private readonly scope: Scope;

  constructor(disk: SimDisk, world: World, scope: Scope) {
    this.disk = disk;
    this.world = world;
    this.scope = scope;
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    await this.alive();
    let inode = this.disk.find(path);
    if (inode === undefined) {
      if (mode !== 'create' && mode !== 'log') {
        throw diskError('ENOENT', `no such file: ${path}`);
      }
      const made = new Inode();
      inode = made;
      this.disk.rename(path, (names) => names.set(path, made));
    } else if (mode === 'create' || mode === 'log') {
      inode.change({ kind: 'truncate', size: 0 });
    }
    return this.file(inode);
  }

  private file(inode: Inode): DiskFile {
    const write = async (parts: readonly Uint8Array[], position: number): Promise<void> => {
      await this.alive();
      this.disk.write(inode, position, Buffer.concat(parts));
    };
    const sync = (): Promise<void> => {
      const count = inode.pending.length;
      return this.later(() => this.disk.finishSync(inode, count));
    };
    return {
      write,
      writeDurably: async (parts, position) => {
        await write(parts, position);
        await sync();
      },
      read: async (position, length) => {
        await this.alive();
        return inode.cached.read(position, length);
      },
      size: async () => inode.cached.size,
      truncate: async (size) => {
        await this.alive();
        inode.change({ kind: 'truncate', size });
      },
      sync,
      close: async () => undefined,
    };
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.alive();
    const start = directory.length + 1;
    return [...this.disk.directory(directory).cached.keys()].map((path) => path.slice(start)).sort();
  }

  async makeDirectory(path: string): Promise<void> {
    this.disk.directory(path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.alive();
    const inode = this.disk.find(from);
    if (inode === undefined) {
      throw diskError('ENOENT', `no such file: ${from}`);
    }
    this.disk.rename(from, (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  async remove(path: string): Promise<void> {
    await this.alive();
    if (this.disk.find(path) !== undefined) {
      this.disk.rename(path, (names) => names.delete(path));
    }
  }

  syncDirectory(path: string): Promise<void> {
    const count = this.disk.directory(path).pending.length;
    return this.later(() => this.disk.syncDirectory(path, count));
  }

  /** A dead process waits for ever. */
  private alive(): Promise<void> {
    return this.scope.dead ? new Promise(() => undefined) : Promise.resolve();
  }

  private later(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.world.schedule(this.scope, this.disk.syncTime(), () => {
        try {
          work();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

function diskError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
