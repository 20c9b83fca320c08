// Debian's dockerd as a contender: in a network namespace of its own, so that its firewall rules stay away
// from the machine; state in a directory of its own; and a resolver that refuses at once, since dockerd
// asks a registry for every task's image and would wait 20 s for one that does not answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdir, open, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { Engine, until } from './engine.ts';
import { type Contender, run, say } from './contender.ts';
import { listProcesses } from './processes.ts';

const DOCKERD = '/usr/sbin/dockerd';
const READY_LIMIT_MS = 60_000;
const END_LIMIT_MS = 60_000;
const FIRST_ADDRESS = '10.94.0.1';

/** Reads `dockerd --version`; undefined where it is not installed. */
export async function dockerdVersion(): Promise<string | undefined> {
  try {
    await access(DOCKERD);
    return /version ([^,\s]+)/.exec(await run(DOCKERD, ['--version']))?.[1];
  } catch {
    return undefined;
  }
}

export class Dockerd implements Contender {
  readonly name = 'dockerd';
  readonly engine: Engine;
  readonly namespace: string;
  readonly address: string;
  private readonly state: string;
  private readonly exec: string;
  private child: ChildProcess | undefined;

  constructor(name: string, address = FIRST_ADDRESS) {
    this.address = address;
    this.namespace = `${name}-dockerd`;
    this.state = `/var/lib/${name}-dockerd`;
    this.exec = `/run/${name}-dockerd`;
    this.engine = new Engine(`${this.exec}/docker.sock`);
  }

  async start(): Promise<void> {
    await this.boot();
    await this.initSwarm();
  }

  /** The daemon answers, in no swarm; the other end of its link is `peer0` in the same namespace. */
  async boot(): Promise<void> {
    say('starting dockerd in a namespace of its own');
    await this.clear();
    await mkdir(this.state, { recursive: true });
    await mkdir(this.exec, { recursive: true });
    await run('ip', ['netns', 'add', this.namespace]);
    const ip = (...args: string[]) => run('ip', ['-n', this.namespace, ...args]);
    await ip('link', 'set', 'lo', 'up');
    await ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'peer0');
    await ip('address', 'add', `${this.address}/24`, 'dev', 'eth0');
    await ip('link', 'set', 'eth0', 'up');
    await ip('link', 'set', 'peer0', 'up');
    // Nothing listens on port 53 of the namespace's own loopback: refused at once.
    await writeFile(`${this.exec}/resolv.conf`, 'nameserver 127.0.0.1\noptions attempts:1\n');
    const script = [
      `mount --bind ${this.exec}/resolv.conf /etc/resolv.conf`,
      `exec ${DOCKERD} --data-root ${this.state} --exec-root ${this.exec} --pidfile ${this.exec}/dockerd.pid` +
        ` -H unix://${this.engine.socket} --cgroup-parent /${this.namespace} --containerd ''`,
    ].join(' && ');
    const log = await open(`${this.exec}/dockerd.log`, 'w');
    this.child = spawn(
      'nsenter',
      [`--net=/run/netns/${this.namespace}`, 'unshare', '--mount', 'sh', '-c', script],
      { stdio: ['ignore', log.fd, log.fd] },
    );
    await log.close();
    try {
      await this.engine.ready(READY_LIMIT_MS);
    } catch (error) {
      throw new Error((await readFile(`${this.exec}/dockerd.log`, 'utf8')).slice(-2000), { cause: error });
    }
  }

  async initSwarm(): Promise<void> {
    await this.engine.call('POST', '/swarm/init', {
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: `${this.address}:2377`,
    });
  }

  async daemons(): Promise<ReadonlyMap<string, number>> {
    const pid = this.child?.pid;
    const containerd = (await listProcesses()).find(
      (one) => one.parent === pid && /^(\S*\/)?containerd /.test(one.command),
    );
    return new Map([
      ...(pid === undefined ? [] : [['dockerd', pid] as const]),
      ...(containerd === undefined ? [] : [['containerd', containerd.pid] as const]),
    ]);
  }

  async monitors(): Promise<readonly number[]> {
    return (await listProcesses())
      .filter((one) => one.command.includes('containerd-shim') && one.command.includes(this.exec))
      .map((one) => one.pid);
  }

  async stop(): Promise<void> {
    this.engine.close();
    const child = this.child;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
      await ended;
      clearTimeout(timer);
    }
    await this.clear();
  }

  /** Ends what a daemon (also one of a run that was broken off) left: shims, mounts, cgroups, files. */
  private async clear(): Promise<void> {
    const left = (await listProcesses()).filter((one) => one.command.includes(`${this.exec}/`));
    for (const { pid } of left.filter((one) => one.pid !== process.pid)) {
      await this.kill(pid);
    }
    await until(END_LIMIT_MS, 'the end of the containers of dockerd', () => this.emptyCgroups());
    const mounts = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${this.state}/`) || path.startsWith(`${this.exec}/`))
      .toReversed();
    for (const path of mounts) {
      await run('umount', ['-l', path]);
    }
    await run('ip', ['netns', 'delete', this.namespace]).catch(() => undefined);
    await rm(this.state, { recursive: true, force: true });
    await rm(this.exec, { recursive: true, force: true });
  }

  private async kill(pid: number): Promise<void> {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }

  /** Kills what is in the contender's cgroups and removes them. True when none is left. */
  private async emptyCgroups(): Promise<boolean> {
    const hierarchies = (await readdir('/sys/fs/cgroup', { withFileTypes: true }))
      .filter((one) => one.isDirectory())
      .map((one) => `/sys/fs/cgroup/${one.name}/${this.namespace}`);
    let empty = true;
    for (const top of [`/sys/fs/cgroup/${this.namespace}`, ...hierarchies]) {
      const inner = await readdir(top, { withFileTypes: true }).catch(() => []);
      for (const directory of [
        ...inner.filter((one) => one.isDirectory()).map((one) => `${top}/${one.name}`),
        top,
      ]) {
        const pids = await readFile(`${directory}/cgroup.procs`, 'utf8').catch(() => '');
        for (const pid of pids.split('\n').filter((line) => line !== '')) {
          await this.kill(Number(pid));
        }
        empty =
          (await rmdir(directory).then(
            () => true,
            (error: unknown) => isGone(error),
          )) && empty;
      }
    }
    return empty;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
