// Plain containers of a host by its API, as `docker run -d` makes them: for tests of networks.
import { WEB_IMAGE } from './cluster.ts';
import { Engine, messageOf } from './engine.ts';
import type { Host } from './lab.ts';

export interface ContainerJson {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly Pid: number };
  readonly NetworkSettings: {
    readonly Networks: Readonly<
      Record<string, { readonly IPAddress: string; readonly GlobalIPv6Address: string }>
    >;
  };
}

export interface Wish {
  readonly network: string;
  readonly aliases?: readonly string[];
  readonly address?: string;
}

export const RUNS = 'runs';

/** RUNS, or the daemon's words when it is refused; then nothing is left of it. */
export async function runContainer(host: Host, name: string, wish: Wish): Promise<string> {
  const engine = new Engine(host);
  const { network, aliases = [], address } = wish;
  const endpoint = {
    Aliases: aliases,
    ...(address !== undefined && { IPAMConfig: { IPv4Address: address } }),
  };
  const made = await engine.ask('POST', `/containers/create?name=${name}`, {
    Image: WEB_IMAGE,
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: endpoint } },
  });
  const begun = made.status === 201 ? await engine.ask('POST', `/containers/${name}/start`) : made;
  if (begun.status < 300) {
    return RUNS;
  }
  if (made.status === 201) {
    await removeContainer(host, name);
  }
  return messageOf(begun);
}

export async function removeContainer(host: Host, name: string): Promise<void> {
  await new Engine(host).ask('DELETE', `/containers/${name}?force=true`);
}

export function lookAtContainer(host: Host, name: string): Promise<ContainerJson> {
  return new Engine(host).call('GET', `/containers/${name}/json`) as Promise<ContainerJson>;
}

/** Those that run. */
export async function containersOf(host: Host): Promise<readonly ContainerJson[]> {
  const listed = (await new Engine(host).call('GET', '/containers/json')) as readonly {
    readonly Id: string;
  }[];
  return Promise.all(listed.map(({ Id }) => lookAtContainer(host, Id)));
}
