// What a machine's kernel itself says: its IPVS tables and counters, its nft rules, its cgroups. Nothing here asks
// skein. Every question is a command in the machine.
import { type Host, lab } from '../../cluster/support/lab.ts';

const COMMAND_TIMEOUT_MS = 60_000;

/** Output of a shell line in a machine. */
export async function shell(host: Host, line: string): Promise<string> {
  return (await lab.exec(host, ['sh', '-c', line], { timeoutMs: COMMAND_TIMEOUT_MS })).stdout;
}

/** A shell line in the network of a container, given the pid of its first process. */
export function shellInNetworkOf(host: Host, pid: number, line: string): Promise<string> {
  return shell(host, `nsenter -t ${pid} -n sh -c '${line}'`);
}

export interface IpvsService {
  /** As the kernel writes it: `FWM 4A1E0502` or `TCP C6120003:1F90`. */
  readonly name: string;
  readonly scheduler: string;
  readonly destinations: readonly IpvsDestination[];
}

export interface IpvsDestination {
  /** `10.0.0.3:80`. */
  readonly address: string;
  readonly forward: string;
  readonly weight: number;
}

export interface IpvsState {
  readonly services: readonly IpvsService[];
  /** Connections that IPVS has led since the namespace stands. */
  readonly connections: number;
}

/** IPVS of the namespace of one network. */
export async function ipvsOf(host: Host, networkId: string): Promise<IpvsState> {
  const text = await inNetwork(host, networkId, 'cat /proc/net/ip_vs; echo =; cat /proc/net/ip_vs_stats');
  const [table = '', stats = ''] = text.split('\n=\n');
  return { services: parseTable(table), connections: parseConnections(stats) };
}

/** The nft rules in the namespace of one network. */
export function rulesOf(host: Host, networkId: string): Promise<string> {
  return inNetwork(host, networkId, 'nft list ruleset');
}

/** A shell line in the namespace of one network. */
export function inNetwork(host: Host, networkId: string, line: string): Promise<string> {
  return shell(host, `nsenter --net=$(ls -d /run/skein/netns/*${networkId.slice(0, 10)}*) sh -c '${line}'`);
}

function parseTable(text: string): IpvsService[] {
  const services: { name: string; scheduler: string; destinations: IpvsDestination[] }[] = [];
  for (const line of text.split('\n')) {
    const service = /^(FWM|TCP|UDP|SCTP)\s+(\S+)\s+(\w+)/.exec(line);
    const destination = /^ {2}-> ([0-9A-F]{8}):([0-9A-F]{4})\s+(\w+)\s+(\d+)/.exec(line);
    if (service !== null) {
      services.push({
        name: `${service[1]} ${service[2]}`,
        scheduler: service[3] ?? '',
        destinations: [],
      });
    } else if (destination !== null) {
      const [, address = '', port = '', forward = '', weight = ''] = destination;
      services.at(-1)?.destinations.push({
        address: `${dotted(address)}:${Number.parseInt(port, 16)}`,
        forward,
        weight: Number(weight),
      });
    }
  }
  return services;
}

/** The first number below `Conns`, in hexadecimal. */
function parseConnections(text: string): number {
  return Number.parseInt(text.split('\n')[2]?.trim().split(/\s+/)[0] ?? '', 16);
}

export function hexOf(address: string): string {
  return address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join('');
}

function dotted(hex: string): string {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).join('.');
}
