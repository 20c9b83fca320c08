// Child processes by posix_spawn(3). Node's own spawn forks: it copies the page tables of the whole daemon and
// then faults every page the daemon writes, 2-20 ms a child and growing with the heap. posix_spawn shares the
// memory until the exec (CLONE_VFORK), 0.1 ms at any size. Knows nothing of what it runs.
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { assert } from '../../shared/errors.ts';
import { kernelError } from './errors.ts';
import { check, raw, rawSpawn } from './libc.ts';

/** From fcntl.h and spawn.h. */
const O_RDWR = 2;
const O_CLOEXEC = 0x80000;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
/** glibc's posix_spawn_file_actions_t has 80 bytes, posix_spawnattr_t 336, sigset_t 128. */
const OPAQUE_BYTES = 512;
const SIGSET_BYTES = 128;
const STANDARD_FDS = [0, 1, 2];
const WNOHANG = 1;

export interface SpawnRequest {
  /** A path, or a name looked up in this process's PATH. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Descriptors of the child that this process reads from; the standard ones not named are /dev/null. */
  readonly readFrom?: readonly number[];
  /** Descriptors of the child that this process writes to. */
  readonly writeTo?: readonly number[];
  /** Open descriptors of this process that the child has too, by the number that they have there. */
  readonly give?: ReadonlyMap<number, number>;
}

export interface ExitStatus {
  /** Absent when a signal ended it. */
  readonly code?: number;
  readonly signal?: number;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** This process's ends of the pipes, by the child's descriptor. The caller must handle their errors. */
  readonly pipes: ReadonlyMap<number, Socket>;
  /** Settles, never rejects, when the child has ended; its pipes may still hold output then. */
  readonly exited: Promise<ExitStatus>;
  /** Does nothing when it has ended. */
  kill(signal: NodeJS.Signals): void;
}

interface Pipe {
  readonly childFd: number;
  readonly ours: number;
  readonly theirs: number;
  readonly reads: boolean;
}

/** Children not waited for yet, by pid. */
const living = new Map<number, (status: ExitStatus) => void>();
let listening = false;

/**
 * Starts a child; returns when its program has been loaded. It inherits the network namespace of the calling
 * thread, default signal actions and no descriptor but those asked for.
 * @throws SkeinError with the errno's name as code (`ENOENT`, `EACCES`, `EAGAIN` …)
 */
export function spawnProcess(request: SpawnRequest): SpawnedProcess {
  listenForEnds();
  const pipes: Pipe[] = [];
  let pid: number;
  try {
    for (const childFd of request.readFrom ?? []) {
      pipes.push(openPipe(childFd, true));
    }
    for (const childFd of request.writeTo ?? []) {
      pipes.push(openPipe(childFd, false));
    }
    pid = start(request, pipes);
  } catch (error) {
    for (const { ours } of pipes) {
      closeSync(ours);
    }
    throw error;
  } finally {
    for (const { theirs } of pipes) {
      closeSync(theirs);
    }
  }
  const exited = new Promise<ExitStatus>((resolve) => living.set(pid, resolve));
  return {
    pid,
    pipes: new Map(pipes.map((pipe) => [pipe.childFd, socketOf(pipe)])),
    exited,
    kill: (signal) => {
      // Until it is waited for, its pid cannot be another's.
      if (living.has(pid)) {
        process.kill(pid, signal);
      }
    },
  };
}

function openPipe(childFd: number, reads: boolean): Pipe {
  const fds = new Int32Array(2);
  check(raw.pipe2(new Uint8Array(fds.buffer), O_CLOEXEC), 'pipe2', 'for a child process');
  const [readEnd = -1, writeEnd = -1] = fds;
  return { childFd, reads, ours: reads ? readEnd : writeEnd, theirs: reads ? writeEnd : readEnd };
}

function socketOf({ ours, reads }: Pipe): Socket {
  return new Socket({ fd: ours, readable: reads, writable: !reads });
}

function start(request: SpawnRequest, pipes: readonly Pipe[]): number {
  const actions = Buffer.alloc(OPAQUE_BYTES);
  const attributes = Buffer.alloc(OPAQUE_BYTES);
  const pid = new Int32Array(1);
  expect(raw.fileActionsInit(actions), request);
  try {
    expect(raw.attrInit(attributes), request);
    for (const fd of STANDARD_FDS.filter((one) => !pipes.some((pipe) => pipe.childFd === one))) {
      expect(raw.fileActionsAddOpen(actions, fd, '/dev/null', O_RDWR, 0), request);
    }
    // A number that is given anew hides what this process has under it from the actions after that.
    const taken = new Set([
      ...STANDARD_FDS,
      ...pipes.map(({ childFd }) => childFd),
      ...(request.give?.keys() ?? []),
    ]);
    for (const { theirs, childFd } of pipes) {
      expect(raw.fileActionsAddDup2(actions, theirs, childFd), request);
    }
    for (const [childFd, ours] of request.give ?? []) {
      assert(!taken.has(ours), `descriptor ${ours} is another one's number in the child`);
      expect(raw.fileActionsAddDup2(actions, ours, childFd), request);
    }
    if (request.cwd !== undefined) {
      expect(raw.fileActionsAddChdir(actions, request.cwd), request);
    }
    // Node ignores SIGPIPE, and what is ignored stays so across an exec.
    expect(raw.attrSetSigDefault(attributes, Buffer.alloc(SIGSET_BYTES, 0xff)), request);
    expect(raw.attrSetSigMask(attributes, Buffer.alloc(SIGSET_BYTES)), request);
    expect(raw.attrSetFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK), request);
    const env = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
    const argv = [request.file, ...request.args, null];
    expect(
      rawSpawn(new Uint8Array(pid.buffer), request.file, actions, attributes, argv, [...env, null]),
      request,
    );
    raw.attrDestroy(attributes);
  } finally {
    raw.fileActionsDestroy(actions);
  }
  return pid[0] ?? 0;
}

/** These calls return the errno itself. */
function expect(errno: number, { file }: SpawnRequest): void {
  if (errno !== 0) {
    throw kernelError('posix_spawn', errno, file, 'is the program installed and executable?');
  }
}

function listenForEnds(): void {
  if (!listening) {
    listening = true;
    process.on('SIGCHLD', reap);
  }
}

/** Signals of several ends may arrive as one: each child of ours is asked. Node asks only for its own. */
function reap(): void {
  const status = new Int32Array(1);
  const bytes = new Uint8Array(status.buffer);
  for (const [pid, resolve] of [...living]) {
    const result = raw.waitpid(pid, bytes, WNOHANG);
    if (result !== 0) {
      living.delete(pid);
      // Waited for by somebody else (never by us): how it ended cannot be told.
      resolve(result < 0 ? { code: -1 } : statusOf(status[0] ?? 0));
    }
  }
}

/** Bits as wait(2) packs them. */
function statusOf(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal };
}
