// What the agent asks of the runtime and is told by it. A container is known by its task's id.
import type { LogDriver } from '../../shared/model/cluster.ts';
import type { ContainerSpec, FileTarget } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { ResourceRequirements } from '../../shared/model/resources.ts';
import type { ImageConfig } from '../image/api.ts';

/** A secret's or config's bytes and where they go; kept on the task's tmpfs alone. */
export interface FilePayload {
  readonly target: FileTarget;
  readonly data: Uint8Array;
}

/** A directory of this host to appear in the container: a bind mount, or a volume's data. */
export interface HostMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';
  readonly recursive: boolean;
}

/** Everything a container is made of. */
export interface ContainerPlan {
  readonly id: Id;
  readonly hostname: string;
  readonly spec: ContainerSpec;
  readonly image: ImageConfig;
  /** Layer directories, top first. */
  readonly lowerDirs: readonly string[];
  readonly resources: ResourceRequirements | undefined;
  /** Empty: the host's own network namespace. */
  readonly netnsPath: string;
  readonly resolvConf: string;
  readonly hostsLines: readonly string[];
  readonly mounts: readonly HostMount[];
  readonly secrets: readonly FilePayload[];
  readonly configs: readonly FilePayload[];
  readonly logDriver: LogDriver | undefined;
  /**
   * Descriptors of this process that the container's monitor keeps open for as long as it lives, so that a daemon
   * that comes back can have them again; the container itself gets none of them.
   */
  readonly keep?: () => readonly number[];
  /**
   * Directory for what the container writes to its root, kept by the caller when the container has ended and given
   * again when it is created anew; absent: such writes end with it.
   */
  readonly writable?: string;
  /** Its standard input stays open when a client that was attached goes. */
  readonly leaveStdinOpen?: boolean;
}

export type ContainerPhase = 'created' | 'running' | 'exited';

export interface ContainerExit {
  /** As a shell would show it: 128 + signal when killed. */
  readonly code: number;
  readonly oomKilled: boolean;
  /** Why the code is not the program's own, e.g. the host restarted; empty else. */
  readonly error: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface ContainerInfo {
  readonly id: Id;
  readonly phase: ContainerPhase;
  readonly pid: number;
  /** Epoch ms; 0 when it never ran. */
  readonly startedAt: number;
  readonly stopSignal: string;
  /** Ended, and nothing but its log is left. */
  readonly cleaned: boolean;
  readonly exit?: ContainerExit;
  /** What its monitor was given to keep. */
  readonly kept?: KeptDescriptors;
}

/** Open descriptors in the hands of another process, by their numbers there. */
export interface KeptDescriptors {
  readonly pid: number;
  readonly descriptors: readonly number[];
}

/** One more process in a container. */
export interface ProbeCommand {
  /** Path of an OCI `process` object. */
  readonly processFile: string;
  /** Where the runtime writes its id. */
  readonly pidFile: string;
  readonly timeoutMs: number;
}

export interface ExecResult {
  readonly exitCode: number;
  /** First `EXEC_OUTPUT_MAX_BYTES` of both streams. */
  readonly output: string;
  /** It was ended before it had an end of its own: by its time-out, or because nobody waits any more. */
  readonly timedOut: boolean;
}
