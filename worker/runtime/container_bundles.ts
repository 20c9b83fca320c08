// The files, mounts and processes of one container on this host: laid out, handed to conmon, and removed
// without a trace. Keeps no state of its own; runtime.ts knows which containers there are.
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { resolveUser } from './accounts.ts';
import type { ContainerPlan } from './api.ts';
import { buildBundle, workingDirectory } from './bundle_spec.ts';
import { removeCgroup } from './cgroups.ts';
import { createWithMonitor } from './conmon.ts';
import { containerFiles, writeContainerFiles } from './container_files.ts';
import { type ContainerState, saveState } from './container_state.ts';
import { mountSourceMissing } from './errors.ts';
import type { HostFacts, RuntimePrograms } from './host_facts.ts';
import { LOG_FILE } from './log_rotation.ts';
import type { OciRuntime } from './oci_runtime.ts';
import { identifyProcess } from './process_identity.ts';
import { ensureDirectory, mountRoot, readAccountFile, unmountIfMounted } from './rootfs.ts';

/** What is of no use once a container has ended; its log and state stay. */
const PARTS_IN_BUNDLE = ['upper', 'work', 'merged', 'l', 'attach', 'ctl', 'winsz', 'config.json'] as const;

export interface BundlePaths {
  /** Directory of all bundles, on disk. */
  readonly bundles: string;
  /** Directory of all run-time files, on tmpfs. */
  readonly runs: string;
  /** Where conmon writes exit codes. */
  readonly exits: string;
}

export class ContainerBundles {
  private readonly clock: Clock;
  private readonly host: HostFacts;
  private readonly programs: RuntimePrograms;
  private readonly oci: OciRuntime;
  private readonly paths: BundlePaths;

  constructor(
    dependencies: {
      readonly clock: Clock;
      readonly host: HostFacts;
      readonly programs: RuntimePrograms;
      readonly oci: OciRuntime;
    },
    paths: BundlePaths,
  ) {
    this.clock = dependencies.clock;
    this.host = dependencies.host;
    this.programs = dependencies.programs;
    this.oci = dependencies.oci;
    this.paths = paths;
  }

  bundle(id: string): string {
    return join(this.paths.bundles, id);
  }

  run(id: string): string {
    return join(this.paths.runs, id);
  }

  /**
   * Mounts and writes all that the container needs and has conmon create it.
   * @returns the state with the processes' identities, and warnings for the operator
   */
  async create(
    plan: ContainerPlan,
    state: ContainerState,
  ): Promise<{ readonly state: ContainerState; readonly warnings: readonly string[] }> {
    const bundle = this.bundle(plan.id);
    await Promise.all([
      mkdir(join(this.run(plan.id), 'persist'), { recursive: true, mode: 0o700 }),
      mkdir(bundle, { recursive: true, mode: 0o700 }),
      requireSources(plan),
    ]);
    const rootPath = await mountRoot(bundle, plan.lowerDirs, plan.writable);
    const files = containerFiles(this.run(plan.id));
    const user = await readUser(plan, rootPath);
    const { cgroupsPath } = state;
    const { spec, warnings } = buildBundle({ plan, user, files, rootPath, cgroupsPath, host: this.host });
    await Promise.all([
      writeContainerFiles(plan, files),
      ensureDirectory(rootPath, workingDirectory(plan)),
      writeFile(join(bundle, 'config.json'), JSON.stringify(spec), { mode: 0o600 }),
      saveState(bundle, state),
    ]);
    const keep = plan.keep?.() ?? [];
    const pid = await createWithMonitor(
      { clock: this.clock, conmon: this.programs.conmon },
      this.monitorRequest(plan, state, keep),
    );
    const monitorPid = await readPid(join(this.run(plan.id), 'conmon.pid'));
    const [init, monitor] = await Promise.all([identifyProcess(pid), identifyProcess(monitorPid)]);
    return { state: { ...state, phase: 'created', init, monitor, kept: keep.length }, warnings };
  }

  /** Everything but the log and the state. */
  async removeTraces(id: string, cgroupsPath: string): Promise<void> {
    unmountIfMounted(join(this.bundle(id), 'merged'));
    unmountIfMounted(containerFiles(this.run(id)).payloads);
    await removeCgroup(this.host, cgroupsPath);
    await Promise.all([
      rm(this.run(id), { recursive: true, force: true }),
      ...PARTS_IN_BUNDLE.map((name) => rm(join(this.bundle(id), name), { recursive: true, force: true })),
      rm(join(this.paths.exits, id), { force: true }),
    ]);
  }

  async removeAll(id: string, cgroupsPath: string): Promise<void> {
    await this.removeTraces(id, cgroupsPath);
    await rm(this.bundle(id), { recursive: true, force: true });
  }

  private monitorRequest(plan: ContainerPlan, state: ContainerState, keep: readonly number[]) {
    const run = this.run(plan.id);
    const bundle = this.bundle(plan.id);
    return {
      id: plan.id,
      bundle,
      runtime: this.oci.prefix(),
      pidFile: join(run, 'pid'),
      monitorPidFile: join(run, 'conmon.pid'),
      logPath: state.log.maxFiles === 0 ? undefined : join(bundle, LOG_FILE),
      logBytesMax: state.log.maxBytes,
      exitDirectory: this.paths.exits,
      persistDirectory: join(run, 'persist'),
      terminal: plan.spec.tty,
      stdin: plan.spec.openStdin,
      leaveStdinOpen: plan.leaveStdinOpen ?? false,
      keep,
    };
  }
}

async function readUser(plan: ContainerPlan, rootPath: string) {
  const [passwd, group] = await Promise.all([
    readAccountFile(rootPath, '/etc/passwd'),
    readAccountFile(rootPath, '/etc/group'),
  ]);
  return resolveUser((plan.spec.user ?? '') || plan.image.user, plan.spec.groups, passwd, group);
}

/** Bind sources must be there; `createMountpoint` of the spec is the caller's to have made. */
async function requireSources(plan: ContainerPlan): Promise<void> {
  await Promise.all(
    plan.mounts.map(async ({ source }) => {
      try {
        await access(source);
      } catch {
        throw mountSourceMissing(source);
      }
    }),
  );
}

async function readPid(path: string): Promise<number> {
  return Number((await readFile(path, 'utf8')).trim());
}
