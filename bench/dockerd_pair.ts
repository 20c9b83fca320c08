// Two of Debian's dockerds as two hosts of one swarm, joined by a bridge, with a task of one overlay network
// (dnsrr) on each: dockerd's way from task to task.
import { IMAGE, importWebImage, run } from './contender.ts';
import { Dockerd } from './dockerd.ts';
import { type Engine, until } from './engine.ts';
import { OWN_PORTS, type Wire } from './wires.ts';

const NETWORK = 'dockerd-bench';
const READY_LIMIT_MS = 60_000;

interface ContainerJson {
  readonly State: { readonly Pid: number };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

export class DockerdPair {
  private readonly bridge: string;
  private readonly hosts: readonly [Dockerd, Dockerd];
  private raised = false;

  constructor(name: string) {
    this.bridge = `${name}-dockerds`;
    this.hosts = [new Dockerd(`${name}1`, '10.94.0.1'), new Dockerd(`${name}2`, '10.94.0.2')];
  }

  async raise(archive: Buffer): Promise<Wire> {
    this.raised = true;
    const [first, second] = this.hosts;
    await run('ip', ['netns', 'add', this.bridge]);
    await run('ip', ['-n', this.bridge, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0']);
    await run('ip', ['-n', this.bridge, 'link', 'set', 'br0', 'up']);
    for (const host of this.hosts) {
      await host.boot();
      const port = host.namespace.slice(0, 12);
      await run('ip', ['-n', host.namespace, 'link', 'set', 'peer0', 'netns', this.bridge, 'name', port]);
      await run('ip', ['-n', this.bridge, 'link', 'set', port, 'master', 'br0', 'up']);
      await importWebImage(host.engine, archive);
    }
    await first.initSwarm();
    const { JoinTokens } = await first.engine.call<{ JoinTokens: { Worker: string } }>('GET', '/swarm');
    await second.engine.call('POST', '/swarm/join', {
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: `${second.address}:2377`,
      RemoteAddrs: [`${first.address}:2377`],
      JoinToken: JoinTokens.Worker,
    });
    await first.engine.call('POST', '/networks/create', { Name: NETWORK, Driver: 'overlay' });
    await first.engine.call('POST', '/services/create', {
      Name: 'bench-pair',
      TaskTemplate: { ContainerSpec: { Image: IMAGE }, Networks: [{ Target: NETWORK }] },
      Mode: { Global: {} },
      EndpointSpec: { Mode: 'dnsrr' },
    });
    const client = await sandboxOf(first.engine);
    const server = await sandboxOf(second.engine);
    return {
      name: 'dockerd overlay',
      client: client.path,
      server: server.path,
      address: server.address,
      ports: OWN_PORTS,
    };
  }

  async clear(): Promise<void> {
    if (this.raised) {
      await Promise.all(this.hosts.map((host) => host.stop()));
      await run('ip', ['netns', 'delete', this.bridge]).catch(() => undefined);
    }
  }
}

/** Of the one container that a dockerd runs. Its own path of the sandbox is one of its mount namespace. */
async function sandboxOf(engine: Engine): Promise<{ readonly path: string; readonly address: string }> {
  let found: { path: string; address: string } | undefined;
  await until(READY_LIMIT_MS, 'a container of dockerd', async () => {
    const [container] = await engine.call<readonly { readonly Id: string }[]>('GET', '/containers/json');
    if (container === undefined) {
      return false;
    }
    const { NetworkSettings, State } = await engine.call<ContainerJson>(
      'GET',
      `/containers/${container.Id}/json`,
    );
    const address = NetworkSettings.Networks[NETWORK]?.IPAddress ?? '';
    found = { path: `/proc/${State.Pid}/ns/net`, address };
    return address !== '';
  });
  if (found === undefined) {
    throw new Error('dockerd runs no container');
  }
  return found;
}
