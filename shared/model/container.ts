// What runs inside a task: the container's spec as the Engine API's TaskTemplate.ContainerSpec has it.
import type { Id, Labels } from './meta.ts';

export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly propagation?: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';
    readonly nonRecursive: boolean;
    readonly createMountpoint: boolean;
  };
  readonly volume?: {
    readonly noCopy: boolean;
    readonly labels: Labels;
    readonly driver?: { readonly name: string; readonly options: Readonly<Record<string, string>> };
    readonly subpath?: string;
  };
  readonly tmpfs?: { readonly sizeBytes: number; readonly mode: number };
}

export interface Healthcheck {
  /** Docker's form: `['NONE']`, `['CMD', …]` or `['CMD-SHELL', line]`; empty inherits the image's. */
  readonly test: readonly string[];
  /** 0 means inherit or default (30 s, 30 s, 0 s, 5 s, 3). */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}

/** Where a secret or config appears in the container's file system. */
export interface FileTarget {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
  readonly mode: number;
}

export interface SecretReference {
  readonly secretId: Id;
  readonly secretName: string;
  readonly file: FileTarget;
}

export interface ConfigReference {
  readonly configId: Id;
  readonly configName: string;
  readonly file: FileTarget;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export interface DnsConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export interface Privileges {
  readonly noNewPrivileges?: boolean;
  readonly seccomp?: { readonly mode: 'default' | 'unconfined' | 'custom'; readonly profileJson?: string };
  readonly appArmor?: { readonly mode: 'default' | 'disabled' };
}

export interface ContainerSpec {
  readonly image: string;
  readonly labels: Labels;
  /** Replaces the image's ENTRYPOINT when not empty. */
  readonly command: readonly string[];
  /** Replaces the image's CMD when not empty. */
  readonly args: readonly string[];
  readonly hostname?: string;
  readonly env: readonly string[];
  readonly dir?: string;
  readonly user?: string;
  readonly groups: readonly string[];
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly readOnly: boolean;
  readonly mounts: readonly Mount[];
  readonly stopSignal?: string;
  /** Absent means 10 s. */
  readonly stopGracePeriodMs?: number;
  readonly healthcheck?: Healthcheck;
  /** `IP name [name…]` lines for /etc/hosts. */
  readonly hosts: readonly string[];
  readonly dnsConfig?: DnsConfig;
  readonly secrets: readonly SecretReference[];
  readonly configs: readonly ConfigReference[];
  readonly isolation?: string;
  readonly init?: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly capabilityAdd: readonly string[];
  readonly capabilityDrop: readonly string[];
  readonly ulimits: readonly Ulimit[];
  readonly oomScoreAdj?: number;
  readonly privileges?: Privileges;
  /** Credentials to pull the image with, base64 JSON as in X-Registry-Auth; told to the task's node, never returned by the API. */
  readonly registryAuth?: string;
}
