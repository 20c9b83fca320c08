// Where the daemon is, and how to reach it: `-H`, SKEIN_HOST, DOCKER_HOST, or the socket of this machine;
// TLS material for tcp:// from flags or DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError, EXIT_USAGE, messageOf } from '../errors.ts';

export const DEFAULT_HOST = 'unix:///run/skein/skein.sock';
/** Docker's port for TLS, and the one for plain tcp. */
const TLS_PORT = 2376;
const PLAIN_PORT = 2375;

export interface HostOptions {
  readonly host: string | undefined;
  readonly tls: boolean;
  readonly tlsVerify: boolean;
  readonly tlsCaCert: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Endpoint =
  | { readonly kind: 'unix'; readonly address: string; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly address: string;
      readonly host: string;
      readonly port: number;
      readonly tls: TlsFiles | undefined;
    };

/** Paths; undefined where the file is optional and was not named. */
export interface TlsFiles {
  readonly verify: boolean;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** @throws CliError (125) when the address cannot be understood */
export function findEndpoint(options: HostOptions, env: Environment): Endpoint {
  const address = options.host ?? nonEmpty(env['SKEIN_HOST']) ?? nonEmpty(env['DOCKER_HOST']) ?? DEFAULT_HOST;
  if (address.startsWith('unix://')) {
    return { kind: 'unix', address, path: address.slice('unix://'.length) };
  }
  const match = /^(tcp|http|https):\/\/(\[[0-9a-fA-F:.%]+\]|[^:/[\]]+)(?::(\d{1,5}))?\/?$/.exec(address);
  if (match === null) {
    throw new CliError(
      `cannot use ${address} as a daemon's address: write unix:///path/to/socket or tcp://host:port`,
      { exitCode: EXIT_USAGE },
    );
  }
  const [, scheme, host = '', port] = match;
  const tls = findTls(options, env, scheme === 'https');
  return {
    kind: 'tcp',
    address,
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? (tls === undefined ? PLAIN_PORT : TLS_PORT) : Number(port),
    tls,
  };
}

function findTls(options: HostOptions, env: Environment, https: boolean): TlsFiles | undefined {
  const verify = options.tlsVerify || nonEmpty(env['DOCKER_TLS_VERIFY']) !== undefined;
  const named = options.tlsCaCert ?? options.tlsCert ?? options.tlsKey;
  if (!verify && !options.tls && !https && named === undefined) {
    return undefined;
  }
  const directory = nonEmpty(env['DOCKER_CERT_PATH']) ?? (verify ? join(homedir(), '.docker') : undefined);
  const inDirectory = (name: string) => (directory === undefined ? undefined : join(directory, name));
  return {
    verify: verify || (https && !options.tls),
    ca: options.tlsCaCert ?? inDirectory('ca.pem'),
    cert: options.tlsCert ?? inDirectory('cert.pem'),
    key: options.tlsKey ?? inDirectory('key.pem'),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

/** @throws CliError naming the file that cannot be read */
export async function readTls(files: TlsFiles): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([readPem(files.ca), readPem(files.cert), readPem(files.key)]);
  return {
    rejectUnauthorized: files.verify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

async function readPem(path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) {
    return undefined;
  }
  try {
    return await readFile(path);
  } catch (error) {
    throw new CliError(
      `cannot read TLS file ${path}: ${messageOf(error)} (see --tlscacert, --tlscert, --tlskey, DOCKER_CERT_PATH)`,
      { cause: error },
    );
  }
}
