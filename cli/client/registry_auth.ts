// Credentials for registries from docker's own file (~/.docker/config.json or DOCKER_CONFIG): entries that
// hold them in the file itself. Credential helpers are programs of their own and are not run.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError, messageOf } from '../errors.ts';

/**
 * The X-Registry-Auth header for the image's registry; undefined when there are no credentials. A name without a
 * registry gets none: which registry such names are at is the daemon's setting, not known here.
 */
export async function registryAuthFor(
  reference: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const wanted = registryOf(reference);
  if (wanted === undefined) {
    return undefined;
  }
  const auths = await readAuths(
    join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json'),
  );
  const name = Object.keys(auths).find((key) => key === wanted || hostOf(key) === hostOf(wanted));
  const entry = name === undefined ? undefined : auths[name];
  const [username, ...rest] = Buffer.from(entry?.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  if (entry === undefined || (username === '' && entry.identitytoken === undefined)) {
    return undefined;
  }
  const credentials = {
    username,
    password: rest.join(':').replaceAll('\0', ''),
    serveraddress: wanted,
    ...(entry.identitytoken !== undefined && { identitytoken: entry.identitytoken }),
  };
  return Buffer.from(JSON.stringify(credentials)).toString('base64url');
}

interface AuthEntry {
  readonly auth?: string;
  readonly identitytoken?: string;
}

async function readAuths(path: string): Promise<Readonly<Record<string, AuthEntry>>> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) {
      return {};
    }
    throw error;
  }
  try {
    const parsed = JSON.parse(content) as { readonly auths?: Readonly<Record<string, AuthEntry>> } | null;
    return parsed?.auths ?? {};
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** The part before the first slash, when it looks like a host: with a dot, a port, or localhost. */
function registryOf(reference: string): string | undefined {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : undefined;
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}
