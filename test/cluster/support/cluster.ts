// A swarm on the lab: raised for one test file, ended after it, with the daemons' logs shown at a failure.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { run } from './command.ts';
import { Engine, type NodeJson, type TaskJson } from './engine.ts';
import { eventually } from './eventually.ts';
import { addressOf, type Host, isVirtual, lab, labName, logOf, projectRoot, socketOf } from './lab.ts';

export const WEB_IMAGE = 'web:1';
const IMAGE_FILE = `/tmp/${labName}-cluster-test-web.tar`;
const VIRTUAL_HEARTBEAT_NS = 6_000_000_000;
/** A daemon there takes up to a minute and a half to start where others want the processors too. */
const VIRTUAL_PATIENT_HEARTBEAT_NS = 40_000_000_000;
/** Lines of each daemon's log shown at a failure. */
const SHOWN_LOG_LINES = 40;

export interface Layout {
  readonly managers: number;
  readonly workers?: number;
  /** Hosts that are up but in no swarm. */
  readonly spare?: number;
  /** Without swarm: managers, workers count as hosts alone. */
  readonly swarm?: boolean;
}

/** Registers the hooks that raise and end a swarm around all tests of a file. */
export function useCluster(layout: Layout): Cluster {
  const cluster = new Cluster(layout);
  beforeAll(() => cluster.raise());
  afterAll(() => lab.down());
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => cluster.showLogs());
  });
  return cluster;
}

export class Cluster {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  readonly workers: readonly Host[];
  private readonly layout: Layout;

  constructor(layout: Layout) {
    this.layout = layout;
    const total = layout.managers + (layout.workers ?? 0) + (layout.spare ?? 0);
    this.hosts = Array.from({ length: total }, (_, index): Host => `h${index + 1}`);
    this.managers = this.hosts.slice(0, layout.managers);
    this.workers = this.hosts.slice(layout.managers, layout.managers + (layout.workers ?? 0));
  }

  async raise(): Promise<void> {
    await lab.down();
    await lab.up(this.hosts.length);
    await run(`${projectRoot}deploy/web-image.sh`, [IMAGE_FILE]);
    await Promise.all(this.hosts.map((host) => importWebImage(host)));
    if (this.layout.swarm === false) {
      return;
    }
    await init('h1');
    for (const host of this.managers.slice(1)) {
      await join(host, 'Manager');
    }
    await Promise.all(this.workers.map((host) => join(host, 'Worker')));
    await eventually('every node ready, every manager reachable', 15_000, async () =>
      (await new Engine('h1').nodes()).every(
        (node) => node.Status.State === 'ready' && node.ManagerStatus?.Reachability !== 'unreachable',
      ),
    );
  }

  on(host: Host): Engine {
    return new Engine(host);
  }

  /** Machines only, where a daemon starts slowly: whether its node is given the time to restart it before it is down. */
  async bePatient(isPatient: boolean): Promise<void> {
    if (isVirtual) {
      const { Version, Spec } = (await this.on('h1').call('GET', '/swarm')) as {
        readonly Version: { readonly Index: number };
        readonly Spec: { readonly Dispatcher?: object };
      };
      const HeartbeatPeriod = isPatient ? VIRTUAL_PATIENT_HEARTBEAT_NS : VIRTUAL_HEARTBEAT_NS;
      await this.on('h1').call('POST', `/swarm/update?version=${Version.Index}`, {
        ...Spec,
        Dispatcher: { ...Spec.Dispatcher, HeartbeatPeriod },
      });
    }
  }

  /** The leader as this manager sees it. */
  async leader(from: Host = 'h1'): Promise<Host> {
    const node = (await this.on(from).nodes()).find((candidate) => candidate.ManagerStatus?.Leader === true);
    if (node === undefined) {
      throw new Error(`${from} knows no leader`);
    }
    return node.Description.Hostname as Host;
  }

  async node(host: Host, from: Host = 'h1'): Promise<NodeJson | undefined> {
    return (await this.on(from).nodes()).find((candidate) => candidate.Description.Hostname === host);
  }

  /** Tasks that are and should be running. */
  async running(service: string, from: Host = 'h1'): Promise<readonly TaskJson[]> {
    return (await this.on(from).tasks(service)).filter(
      (task) => task.DesiredState === 'running' && task.Status.State === 'running',
    );
  }

  /** Waits until a service has exactly so many running tasks and no other that should run. */
  whole(service: string, count: number, timeoutMs = 15_000, from: Host = 'h1'): Promise<readonly TaskJson[]> {
    return eventually(`${count} running tasks of ${service}`, timeoutMs, async () => {
      const wanted = (await this.on(from).tasks(service)).filter((task) => task.DesiredState === 'running');
      const states = wanted.map((task) => `${task.Status.State} ${task.Status.Err ?? ''}`).join(', ');
      if (wanted.length !== count || wanted.some((task) => task.Status.State !== 'running')) {
        throw new Error(`tasks: ${states}`);
      }
      return wanted;
    });
  }

  /** Removes services and waits until their tasks are gone. */
  async remove(...services: readonly string[]): Promise<void> {
    const ids = await Promise.all(services.map(async (name) => (await this.on('h1').service(name)).ID));
    for (const id of ids) {
      await this.on('h1').removeService(id);
    }
    await eventually(`no tasks of ${services.join(', ')}`, 20_000, async () => {
      const tasks = (await this.on('h1').call('GET', '/tasks')) as readonly TaskJson[];
      return tasks.every((task) => !ids.includes(task.ServiceID));
    });
  }

  /** The virtual address of a service in a network, without prefix length. */
  async vip(service: string, network: string, from: Host = 'h1'): Promise<string> {
    const { Id } = (await this.on(from).call('GET', `/networks/${network}`)) as { readonly Id: string };
    const vips = (await this.on(from).service(service)).Endpoint?.VirtualIPs ?? [];
    return vips.find((vip) => vip.NetworkID === Id)?.Addr.split('/')[0] ?? '';
  }

  /** The host on which a task runs. */
  async hostOf(task: TaskJson, from: Host = 'h1'): Promise<Host> {
    const node = (await this.on(from).nodes()).find((candidate) => candidate.ID === task.NodeID);
    return (node?.Description.Hostname ?? 'h0') as Host;
  }

  async showLogs(): Promise<void> {
    for (const host of this.hosts) {
      const lines = (await logOf(host)).slice(-SHOWN_LOG_LINES);
      process.stderr.write(`--- ${host}: last lines of skeind.log\n${lines.join('\n')}\n`);
    }
  }
}

/** By the API itself, since a machine has no docker command. */
export async function importWebImage(host: Host): Promise<void> {
  const changes = ['CMD ["/bin/busybox","httpd","-f","-p","0.0.0.0:80","-h","/www"]', 'ENV PATH=/bin'];
  const [repo = '', tag = ''] = WEB_IMAGE.split(':');
  const query = new URLSearchParams([
    ['fromSrc', '-'] as [string, string],
    ['repo', repo] as [string, string],
    ['tag', tag] as [string, string],
    ...changes.map((change): [string, string] => ['changes', change]),
  ]);
  await run('curl', [
    ...['-fsS', '-m', '60', '--unix-socket', socketOf(host), '-H', 'content-type: application/x-tar'],
    ...['-X', 'POST', '--data-binary', `@${IMAGE_FILE}`, `http://host/images/create?${query}`],
  ]);
}

export async function init(host: Host): Promise<void> {
  await new Engine(host).call('POST', '/swarm/init', {
    ListenAddr: '0.0.0.0:2377',
    AdvertiseAddr: addressOf(host),
    // Machines in software may be silent for seconds: they are told to call in less often than others.
    ...(isVirtual && { Spec: { Dispatcher: { HeartbeatPeriod: VIRTUAL_HEARTBEAT_NS } } }),
  });
}

export async function token(role: 'Manager' | 'Worker', from: Host = 'h1'): Promise<string> {
  const swarm = (await new Engine(from).call('GET', '/swarm')) as {
    readonly JoinTokens: Readonly<Record<string, string>>;
  };
  return swarm.JoinTokens[role] ?? '';
}

export async function join(host: Host, role: 'Manager' | 'Worker', via: Host = 'h1'): Promise<void> {
  await new Engine(host).call('POST', '/swarm/join', joinRequest(host, await token(role, via), via));
}

export function joinRequest(host: Host, joinToken: string, via: Host = 'h1') {
  return {
    ListenAddr: '0.0.0.0:2377',
    AdvertiseAddr: addressOf(host),
    RemoteAddrs: [`${addressOf(via)}:2377`],
    JoinToken: joinToken,
  };
}
