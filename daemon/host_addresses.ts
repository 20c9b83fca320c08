// Which address of this machine a node advertises, chosen and checked as Docker does it.
import { networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { SkeinError } from '../shared/errors.ts';

export const DEFAULT_CLUSTER_PORT = 2377;

interface HostPort {
  readonly host: string;
  readonly port: number;
}

function invalid(message: string): SkeinError {
  return new SkeinError('invalid', 'bad-address', message);
}

/** `host`, `host:port`, `[v6]:port` or a bare IPv6 address. @throws SkeinError `bad-address` */
export function parseHostPort(text: string, flag: string, defaultPort: number): HostPort {
  if (isIP(text) === 6) {
    return { host: text, port: defaultPort };
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65535) {
    throw invalid(
      `invalid ${flag} '${text}': it takes an IP address or an interface, with an optional :port`,
    );
  }
  return { host, port: number };
}

export function joinHostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The host of `host:port`. */
export function hostOf(address: string): string {
  return parseHostPort(address, 'address', DEFAULT_CLUSTER_PORT).host;
}

/** The interface's first address (IPv4 before IPv6), or the address itself. */
function resolveHost(host: string, flag: string): string {
  if (isIP(host) !== 0) {
    return host;
  }
  const addresses = networkInterfaces()[host];
  if (addresses === undefined) {
    throw invalid(`${flag} '${host}' is neither an IP address nor an interface of this machine`);
  }
  const usable = addresses.filter((address) => !address.address.startsWith('fe80:'));
  const chosen = usable.find((address) => address.family === 'IPv4') ?? usable[0];
  if (chosen === undefined) {
    throw invalid(`interface '${host}' has no usable address`);
  }
  return chosen.address;
}

/** An address of this machine, as node:os tells it. */
type Interfaces = Readonly<
  Record<
    string,
    readonly { readonly address: string; readonly family: string; readonly internal?: boolean }[] | undefined
  >
>;

/** Interfaces that stand for containers: their addresses are nobody's to advertise. */
const VIRTUAL = /^(docker|veth|br-|skein|skn)/;

/**
 * The one address a node may advertise without being told: of version 4, or of version 6 where there is none of 4.
 * @throws SkeinError `bad-address` when there is none, or several of a version, which it lists
 */
export function systemAddress(machine: Interfaces = networkInterfaces()): string {
  const all = Object.entries(machine).flatMap(([name, addresses]) =>
    VIRTUAL.test(name) ? [] : (addresses ?? []).map((each) => ({ name, ...each })),
  );
  const usable = all.filter(({ internal, address }) => internal !== true && !address.startsWith('fe80:'));
  const four = usable.filter(({ family }) => family === 'IPv4');
  const found = four.length > 0 ? four : usable;
  const [first, second] = found;
  if (first === undefined) {
    throw invalid('could not find an address to advertise: name one with --advertise-addr');
  }
  if (second !== undefined) {
    const list = found.map(({ name, address }) => `${address} on interface ${name}`).join(', ');
    throw invalid(
      `could not choose an IP address to advertise since this system has multiple addresses (${list}) - specify one with --advertise-addr`,
    );
  }
  return first.address;
}

export interface NodeAddresses {
  /** `host:port` to bind. */
  readonly listenAddress: string;
  /** `host:port` told to others. */
  readonly advertiseAddress: string;
  /** Address of the VTEP. */
  readonly dataPathAddress: string;
}

/**
 * Every address of version 4 is what the command listens on when nobody says otherwise; a node that advertises one of
 * version 6 could not be reached there, and listens on those of both.
 * @throws SkeinError `bad-address` with Docker's wording
 */
export function resolveAddresses(request: {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  readonly dataPathAddr: string;
}): NodeAddresses {
  const listen = parseHostPort(
    request.listenAddr === '' ? '0.0.0.0' : request.listenAddr,
    '--listen-addr',
    DEFAULT_CLUSTER_PORT,
  );
  const bindHost = listen.host === '' ? '0.0.0.0' : resolveHost(listen.host, '--listen-addr');
  const unspecified = bindHost === '0.0.0.0' || bindHost === '::';
  const advertise =
    request.advertiseAddr === ''
      ? { host: unspecified ? systemAddress() : bindHost, port: listen.port }
      : parseHostPort(request.advertiseAddr, '--advertise-addr', listen.port);
  const advertiseHost = resolveHost(advertise.host, '--advertise-addr');
  if (advertiseHost === '0.0.0.0' || advertiseHost === '::') {
    throw invalid('advertise address must be a non-zero IP address');
  }
  const listenHost = bindHost === '0.0.0.0' && isIP(advertiseHost) === 6 ? '::' : bindHost;
  return {
    listenAddress: joinHostPort(listenHost, listen.port),
    advertiseAddress: joinHostPort(advertiseHost, advertise.port),
    dataPathAddress:
      request.dataPathAddr === '' ? advertiseHost : resolveHost(request.dataPathAddr, '--data-path-addr'),
  };
}

/** On which interface each of these addresses stands; one that is not this machine's (a router's, say) is left out. */
export function interfacesOf(
  { listenAddress, advertiseAddress, dataPathAddress }: NodeAddresses,
  machine: Interfaces = networkInterfaces(),
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const text of [listenAddress, advertiseAddress, dataPathAddress]) {
    const { host } = parseHostPort(text, 'address', DEFAULT_CLUSTER_PORT);
    const on = Object.entries(machine).find(([, addresses]) =>
      addresses?.some(({ address }) => address === host),
    );
    if (on !== undefined) {
      found[host] = on[0];
    }
  }
  return found;
}

/**
 * The addresses that count now: where an interface carried one that is gone, its first address of the same family
 * takes its place. What never stood on an interface of this machine stays as it was told.
 */
export function addressesNow(
  before: NodeAddresses,
  interfaces: Readonly<Record<string, string>>,
  machine: Interfaces = networkInterfaces(),
): NodeAddresses {
  const all = Object.values(machine).flatMap((addresses) => addresses ?? []);
  const now = (text: string): string => {
    const { host, port } = parseHostPort(text, 'address', DEFAULT_CLUSTER_PORT);
    const on = interfaces[host];
    if (on === undefined || all.some(({ address }) => address === host)) {
      return text;
    }
    const family = isIP(host) === 6 ? 'IPv6' : 'IPv4';
    const next = machine[on]?.find((each) => each.family === family && !each.address.startsWith('fe80:'));
    return next === undefined ? text : text === host ? next.address : joinHostPort(next.address, port);
  };
  return {
    listenAddress: now(before.listenAddress),
    advertiseAddress: now(before.advertiseAddress),
    dataPathAddress: now(before.dataPathAddress),
  };
}
