// A root file system and plans for tests that run real containers: busybox as the only layer. Everything
// lies in one temporary directory and in cgroups below a parent of its own.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ContainerSpec } from '../../../shared/model/container.ts';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { containerSpec } from '../../../test/support/objects.ts';
import type { ImageConfig } from '../../image/api.ts';
import type { ContainerPlan } from '../api.ts';
import { type OciRuntimeName, findPrograms, readHostFacts } from '../host_facts.ts';
import { ContainerRuntime } from '../runtime.ts';
import { unmountIfMounted } from '../rootfs.ts';

export const EMPTY_SPEC: ContainerSpec = containerSpec({ image: 'busybox:latest' });

export const EMPTY_IMAGE: ImageConfig = {
  user: '',
  env: [],
  entrypoint: [],
  cmd: ['sh'],
  workingDir: '',
  labels: {},
  exposedPorts: [],
  volumes: [],
  stopSignal: '',
};

/** Parts of a plan that a test sets; of the spec, only what differs from the empty one. */
export type PlanChange = Partial<Omit<ContainerPlan, 'spec'>> & { readonly spec?: Partial<ContainerSpec> };

export class BusyboxHost {
  readonly directory: string;
  readonly root: string;
  readonly execRoot: string;
  readonly cgroupParent: string;
  readonly layer: string;
  private readonly runtimes: ContainerRuntime[] = [];

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    this.root = join(this.directory, 'state');
    this.execRoot = join(this.directory, 'run');
    this.cgroupParent = `skt-${process.pid}-${this.directory.slice(-6)}`;
    this.layer = join(this.directory, 'layer');
    mkdirSync(join(this.layer, 'bin'), { recursive: true });
    mkdirSync(join(this.layer, 'etc'));
    copyFileSync('/bin/busybox', join(this.layer, 'bin/busybox'));
    for (const name of [
      'sh',
      'sleep',
      'cat',
      'id',
      'ls',
      'stat',
      'dd',
      'mount',
      'hostname',
      'env',
      'grep',
      'head',
    ]) {
      symlinkSync('busybox', join(this.layer, 'bin', name));
    }
    writeFileSync(join(this.layer, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n');
    writeFileSync(join(this.layer, 'etc/group'), 'root:x:0:\nweb:x:34:\nlog:x:40:web\n');
  }

  async runtime(name: OciRuntimeName | 'auto' = 'auto'): Promise<ContainerRuntime> {
    const host = await readHostFacts();
    const programs = await findPrograms(host, name);
    const runtime = new ContainerRuntime(
      { clock: systemClock, logger: silentLogger, host, programs },
      { root: this.root, execRoot: this.execRoot, cgroupParent: this.cgroupParent },
    );
    await runtime.start();
    this.runtimes.push(runtime);
    return runtime;
  }

  plan(id: string, script: string, change: PlanChange = {}) {
    const plan: ContainerPlan = {
      id,
      hostname: 'box',
      image: EMPTY_IMAGE,
      lowerDirs: [this.layer],
      resources: undefined,
      netnsPath: '',
      resolvConf: 'nameserver 127.0.0.11\n',
      hostsLines: ['10.0.0.5 box'],
      mounts: [],
      secrets: [],
      configs: [],
      logDriver: undefined,
      ...change,
      spec: { ...EMPTY_SPEC, command: ['/bin/sh', '-c', script], ...change.spec },
    };
    return plan;
  }

  /** Creates, starts, waits for the end and returns the log's text with the exit. */
  async run(runtime: ContainerRuntime, plan: ContainerPlan) {
    await runtime.create(plan);
    await runtime.startContainer(plan.id);
    const exit = await runtime.wait(plan.id);
    const text = this.log(runtime, plan.id);
    await runtime.remove(plan.id);
    return { exit, text };
  }

  log(runtime: ContainerRuntime, id: string): string {
    return readFileSync(join(runtime.bundleDirectory(id), 'log'), 'utf8')
      .split('\n')
      .map((line) => line.replace(/^\S+ \S+ [FP] /, ''))
      .join('\n');
  }

  /** Resolves when the file is there; a time-out of the test bounds it. */
  untilFile(path: string): Promise<void> {
    return new Promise((resolve) => {
      const watcher = watch(dirname(path), () => {
        if (existsSync(path)) {
          watcher.close();
          resolve();
        }
      });
    });
  }

  /** Resolves when the container's newest log file has this text. */
  async untilLog(runtime: ContainerRuntime, id: string, text: string): Promise<void> {
    while (!this.log(runtime, id).includes(text)) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Makes a file in a running container. */
  touchIn(pid: number, path: string): void {
    writeFileSync(`/proc/${pid}/root${path}`, '');
  }

  /** As after a power cut: these programs and their monitors are gone, and so is everything on a tmpfs. */
  reboot(pids: readonly number[]): void {
    for (const pid of pids) {
      const monitor = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
      process.kill(monitor, 'SIGKILL');
      process.kill(pid, 'SIGKILL');
    }
    for (const line of this.traces()) {
      const mountPoint = line.split(' ')[4];
      if (mountPoint?.includes(this.directory) === true) {
        unmountIfMounted(mountPoint);
      }
    }
    rmSync(this.execRoot, { recursive: true, force: true });
  }

  /** What of this host is still in the kernel: mounts and cgroups. */
  traces(): readonly string[] {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.directory));
    const cgroups = execFileSync('find', [
      '/sys/fs/cgroup',
      '-path',
      `*/${this.cgroupParent}/*`,
      '-type',
      'd',
    ])
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    return [...mounts, ...cgroups];
  }

  /** Ends and removes everything, whatever state a failed test left. */
  async dispose(): Promise<void> {
    for (const one of this.runtimes) {
      await one.stop();
    }
    const last = await this.runtime();
    for (const { id } of last.list()) {
      await last.remove(id);
    }
    await last.stop();
    for (const line of this.traces()) {
      const mountPoint = line.split(' ')[4];
      if (mountPoint !== undefined) {
        unmountIfMounted(mountPoint);
      }
    }
    execFileSync('sh', [
      '-c',
      `find /sys/fs/cgroup -depth -path '*/${this.cgroupParent}*' -type d -exec rmdir {} \\; 2>/dev/null || true`,
    ]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
