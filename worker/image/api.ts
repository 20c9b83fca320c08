// What the agent and the API know of images on this node.
import type { Readable } from 'node:stream';

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serverAddress: string;
}

/** The image's run-time defaults (OCI image config, section "config"). */
export interface ImageConfig {
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly startPeriodMs: number;
    readonly retries: number;
  };
}

export interface LocalImage {
  /** `sha256:…` of the image config. */
  readonly id: string;
  /** `name:tag`, familiar form (`busybox:latest`, `10.0.0.5:5000/web:1`). */
  readonly repoTags: readonly string[];
  /** `name@sha256:…` */
  readonly repoDigests: readonly string[];
  readonly architecture: string;
  readonly os: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly sizeBytes: number;
  readonly config: ImageConfig;
  /** Digests of the uncompressed layers, base first. */
  readonly diffIds: readonly string[];
}

export interface PullProgress {
  readonly id: string;
  readonly status: string;
  readonly currentBytes?: number;
  readonly totalBytes?: number;
}

export interface ImageStore {
  /** By id, id prefix, `name[:tag]` or `name@digest`; undefined when not here. */
  find(reference: string): LocalImage | undefined;
  list(): readonly LocalImage[];
  /** The image, pulled when it is not here. Fails at once and says why when it cannot be had (`image-not-found`, `registry-unreachable`, …). */
  ensure(
    reference: string,
    options: { readonly auth?: RegistryAuth; readonly signal: AbortSignal },
  ): Promise<LocalImage>;
  pull(
    reference: string,
    options: {
      readonly auth?: RegistryAuth;
      readonly signal: AbortSignal;
      readonly platform?: string;
      readonly onProgress?: (progress: PullProgress) => void;
    },
  ): Promise<LocalImage>;
  /** Manifest digest and platforms of a reference at its registry, without pulling (`GET /distribution`). */
  resolve(
    reference: string,
    options: { readonly auth?: RegistryAuth; readonly signal: AbortSignal },
  ): Promise<{
    readonly digest: string;
    readonly mediaType: string;
    readonly sizeBytes: number;
    readonly platforms: readonly { readonly architecture: string; readonly os: string }[];
  }>;
  /** Unpacked layer directories for overlayfs, top first, and a hold on them for `holder` (a task id) that survives a restart. */
  hold(imageId: string, holder: string): Promise<{ readonly lowerDirs: readonly string[] }>;
  release(holder: string): Promise<void>;
  /** Drops the holds of everyone not named, among those it concerns (absent: all): called after a restart. */
  retainHolders(holders: ReadonlySet<string>, concerns?: (holder: string) => boolean): Promise<void>;
  /** `docker save` or OCI archive, plain or gzip. Returns what was loaded. */
  load(archive: Readable, options: { readonly signal: AbortSignal }): Promise<readonly LocalImage[]>;
  save(references: readonly string[]): Readable;
  /** A root file system as one layer. */
  import(
    rootfs: Readable,
    options: {
      readonly reference: string;
      readonly changes: readonly string[];
      readonly message: string;
      readonly signal: AbortSignal;
    },
  ): Promise<LocalImage>;
  tag(source: string, target: string): Promise<void>;
  /** Untags; deletes what nothing refers to any more. Refuses (`image-in-use`) when held, unless forced. */
  remove(
    reference: string,
    options: { readonly force: boolean },
  ): Promise<{ readonly untagged: readonly string[]; readonly deleted: readonly string[] }>;
  history(reference: string): readonly {
    readonly id: string;
    readonly createdAt: number;
    readonly createdBy: string;
    readonly sizeBytes: number;
    readonly comment: string;
    readonly tags: readonly string[];
  }[];
}
