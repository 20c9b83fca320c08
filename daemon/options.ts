// skeind's flags, in dockerd's words, read into one options object.
import { parseArgs } from 'node:util';
import { SkeinError } from '../shared/errors.ts';
import { LOG_LEVELS, type LogLevel } from '../shared/log.ts';

export interface DaemonOptions {
  readonly root: string;
  readonly execRoot: string;
  /** `unix:///path` and `tcp://host:port`. */
  readonly hosts: readonly string[];
  readonly group: string;
  readonly logLevel: LogLevel;
  readonly pidfile: string;
  readonly cgroupParent: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtime: 'auto' | 'runc' | 'crun';
  readonly balancer: 'auto' | 'nft' | 'ipvs';
  /** Default of `swarm init --data-path-port`. */
  readonly dataPathPort: number;
  readonly insecureRegistries: readonly string[];
  /** Registry of image names without one; empty: such images are never pulled. */
  readonly defaultRegistry: string;
  readonly tls: { readonly caCert: string; readonly cert: string; readonly key: string } | undefined;
}

export const DEFAULT_ROOT = '/var/lib/skein';
export const DEFAULT_EXEC_ROOT = '/run/skein';
const DEFAULT_DATA_PATH_PORT = 4789;

export const USAGE = `Usage: skeind [OPTIONS]

The daemon of skein: a worker and the API on every node, and a manager where the node is one.

Options:
      --root DIR               State (default ${DEFAULT_ROOT})
      --exec-root DIR          Run-time files (default ${DEFAULT_EXEC_ROOT})
  -H, --host ADDR              Listen on unix:///PATH or, with TLS, tcp://HOST:PORT; may be repeated
                               (default unix://<exec-root>/skein.sock)
  -G, --group NAME             Group that may use the socket (default: root alone)
      --pidfile FILE           Where to write the process id (default <exec-root>/skeind.pid)
  -l, --log-level LEVEL        ${LOG_LEVELS.join(', ')} (default info)
      --label KEY=VALUE        Label of this engine, for constraints; may be repeated
      --cgroup-parent NAME     Parent cgroup of all containers (default skein)
      --runtime NAME           auto, crun or runc (default auto)
      --balancer NAME          auto, ipvs or nft (default auto)
      --data-path-port PORT    VXLAN port of a swarm made here (default ${DEFAULT_DATA_PATH_PORT})
      --default-registry HOST  Registry of image names without one (default none: they must be here)
      --insecure-registry ADDR Registry to be spoken to without TLS; may be repeated
      --tlscacert, --tlscert, --tlskey FILE
                               Certificates of tcp:// hosts; clients must present one of this CA
  -v, --version                Print the version
      --help                   Print this

Examples:
  skeind
  skeind --root /data/skein --label zone=east --log-level debug
`;

export type Invocation =
  | { readonly kind: 'run'; readonly options: DaemonOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

function invalid(message: string): SkeinError {
  return new SkeinError('invalid', 'bad-flag', `${message} (see skeind --help)`);
}

/** @throws SkeinError `bad-flag` naming the flag and what it takes */
export function parseOptions(argv: readonly string[]): Invocation {
  const values = parse(argv);
  if (values.help === true) {
    return { kind: 'help' };
  }
  if (values.version === true) {
    return { kind: 'version' };
  }
  const execRoot = absolute('--exec-root', values['exec-root'] ?? DEFAULT_EXEC_ROOT);
  return {
    kind: 'run',
    options: {
      root: absolute('--root', values.root ?? DEFAULT_ROOT),
      execRoot,
      hosts: (values.host ?? [`unix://${execRoot}/skein.sock`]).map(checkHost),
      group: values.group ?? '',
      logLevel: oneOf('--log-level', values['log-level'] ?? 'info', LOG_LEVELS),
      pidfile: absolute('--pidfile', values.pidfile ?? `${execRoot}/skeind.pid`),
      cgroupParent: checkCgroup(values['cgroup-parent'] ?? 'skein'),
      labels: Object.fromEntries((values.label ?? []).map(splitLabel)),
      runtime: oneOf('--runtime', values.runtime ?? 'auto', ['auto', 'crun', 'runc']),
      balancer: oneOf('--balancer', values.balancer ?? 'auto', ['auto', 'ipvs', 'nft']),
      dataPathPort: checkPort(values['data-path-port'] ?? String(DEFAULT_DATA_PATH_PORT)),
      insecureRegistries: values['insecure-registry'] ?? [],
      defaultRegistry: values['default-registry'] ?? '',
      tls: tlsFiles(values),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        root: { type: 'string' },
        'exec-root': { type: 'string' },
        host: { type: 'string', short: 'H', multiple: true },
        group: { type: 'string', short: 'G' },
        'log-level': { type: 'string', short: 'l' },
        pidfile: { type: 'string' },
        'cgroup-parent': { type: 'string' },
        label: { type: 'string', multiple: true },
        runtime: { type: 'string' },
        balancer: { type: 'string' },
        'data-path-port': { type: 'string' },
        'insecure-registry': { type: 'string', multiple: true },
        'default-registry': { type: 'string' },
        tlscacert: { type: 'string' },
        tlscert: { type: 'string' },
        tlskey: { type: 'string' },
        version: { type: 'boolean', short: 'v' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function absolute(flag: string, path: string): string {
  if (!path.startsWith('/')) {
    throw invalid(`${flag} takes an absolute path, not '${path}'`);
  }
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw invalid(`${flag} takes ${allowed.join(', ')}, not '${value}'`);
  }
  return found;
}

function checkHost(host: string): string {
  if (!/^(unix:\/\/\/.+|tcp:\/\/[^/]+:\d+)$/.test(host)) {
    throw invalid(`-H takes unix:///PATH or tcp://HOST:PORT, not '${host}'`);
  }
  return host;
}

function checkCgroup(name: string): string {
  const trimmed = name.replace(/^\/+|\/+$/g, '');
  if (
    !/^[\w.-]+(\/[\w.-]+)*$/.test(trimmed) ||
    trimmed.split('/').some((part) => part === '.' || part === '..')
  ) {
    throw invalid(`--cgroup-parent takes a relative cgroup path, not '${name}'`);
  }
  return trimmed;
}

/** The kernel's own range for a bound port that needs no privilege; Swarm's limits of a VXLAN port. */
function checkPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 49151) {
    throw invalid(`--data-path-port takes a port from 1024 to 49151, not '${text}'`);
  }
  return port;
}

function splitLabel(label: string): [string, string] {
  const [key, ...value] = label.split('=');
  if (key === undefined || key === '') {
    throw invalid(`--label takes KEY=VALUE, not '${label}'`);
  }
  return [key, value.join('=')];
}

function tlsFiles(values: ReturnType<typeof parse>): DaemonOptions['tls'] {
  const { tlscacert: caCert, tlscert: cert, tlskey: key } = values;
  const needed = (values.host ?? []).some((host) => host.startsWith('tcp://'));
  if (caCert !== undefined && cert !== undefined && key !== undefined) {
    return { caCert, cert, key };
  }
  if (needed || caCert !== undefined || cert !== undefined || key !== undefined) {
    throw invalid(
      'tcp:// hosts need --tlscacert, --tlscert and --tlskey: without client certificates anyone could be root here',
    );
  }
  return undefined;
}
