// The C library through koffi: the few calls that Node has no face for. Only worker/kernel uses it;
// everything here is synchronous and runs on the calling thread, which setns(2) depends on.
import koffi from 'koffi';
import { kernelError } from './errors.ts';

const libc = koffi.load('libc.so.6');

type Call = (...args: readonly (number | bigint | string | Uint8Array | null)[]) => number;

function bind(definition: string): Call {
  const call: Call = libc.func(definition);
  return call;
}

/** Raw calls; -1 means failure and `lastErrno()` tells which. */
export const raw = {
  mount: bind(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  umount2: bind('int umount2(const char *target, int flags)'),
  setns: bind('int setns(int fd, int type)'),
  unshare: bind('int unshare(int flags)'),
  socket: bind('int socket(int domain, int type, int protocol)'),
  bind: bind('int bind(int fd, const uint8_t *address, uint32_t length)'),
  connect: bind('int connect(int fd, const uint8_t *address, uint32_t length)'),
  listen: bind('int listen(int fd, int backlog)'),
  setsockopt: bind('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
  send: bind('int64_t send(int fd, const uint8_t *data, uint64_t length, int flags)'),
  recv: bind('int64_t recv(int fd, uint8_t *data, uint64_t length, int flags)'),
  close: bind('int close(int fd)'),
  dup3: bind('int dup3(int fd, int other, int flags)'),
  syscall: bind('int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c)'),
  pipe2: bind('int pipe2(uint8_t *fds, int flags)'),
  waitpid: bind('int waitpid(int pid, uint8_t *status, int options)'),
  fileActionsInit: bind('int posix_spawn_file_actions_init(uint8_t *actions)'),
  fileActionsDestroy: bind('int posix_spawn_file_actions_destroy(uint8_t *actions)'),
  fileActionsAddDup2: bind('int posix_spawn_file_actions_adddup2(uint8_t *actions, int fd, int child)'),
  fileActionsAddOpen: bind(
    'int posix_spawn_file_actions_addopen(uint8_t *actions, int child, const char *path, int flags, uint32_t mode)',
  ),
  fileActionsAddChdir: bind('int posix_spawn_file_actions_addchdir_np(uint8_t *actions, const char *path)'),
  attrInit: bind('int posix_spawnattr_init(uint8_t *attributes)'),
  attrDestroy: bind('int posix_spawnattr_destroy(uint8_t *attributes)'),
  attrSetFlags: bind('int posix_spawnattr_setflags(uint8_t *attributes, int16_t flags)'),
  attrSetSigDefault: bind('int posix_spawnattr_setsigdefault(uint8_t *attributes, const uint8_t *set)'),
  attrSetSigMask: bind('int posix_spawnattr_setsigmask(uint8_t *attributes, const uint8_t *set)'),
} as const;

type SpawnCall = (
  pid: Uint8Array,
  file: string,
  actions: Uint8Array,
  attributes: Uint8Array,
  argv: readonly (string | null)[],
  env: readonly (string | null)[],
) => number;

/** posix_spawnp(3): returns an errno, 0 when the child runs. Both lists end with null. */
export const rawSpawn: SpawnCall = libc.func(
  'int posix_spawnp(uint8_t *pid, const char *file, const uint8_t *actions, const uint8_t *attributes, const char **argv, const char **env)',
);

const filterProgram = koffi.struct('sock_fprog', { len: 'uint16_t', filter: 'const uint8_t *' });

type FilterCall = (
  fd: number,
  level: number,
  name: number,
  program: { readonly len: number; readonly filter: Uint8Array },
  length: number,
) => number;

/** setsockopt(2) with a socket filter (linux/filter.h): `len` counts instructions of eight bytes. */
export const rawSetFilter: FilterCall = libc.func(
  'int setsockopt(int fd, int level, int name, const sock_fprog *program, uint32_t length)',
);
export const FILTER_PROGRAM_BYTES: number = koffi.sizeof(filterProgram);

export function lastErrno(): number {
  return koffi.errno();
}

/** Returns the call's result, or throws the error of its errno. */
export function check(result: number, call: string, subject: string): number {
  if (result < 0) {
    throw kernelError(call, lastErrno(), subject);
  }
  return result;
}
