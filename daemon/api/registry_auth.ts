// The header X-Registry-Auth: base64 JSON with the credentials of one registry.
import type { FastifyRequest } from 'fastify';
import { SkeinError } from '../../shared/errors.ts';
import type { RegistryAuth } from '../../worker/image/api.ts';
import { notImplemented } from './errors.ts';

/** The header as it came, or undefined when there is none. It is checked: nodes must be able to read it. */
export function registryAuthHeader(request: FastifyRequest): string | undefined {
  const header = request.headers['x-registry-auth'];
  if (typeof header !== 'string' || header === '') {
    return undefined;
  }
  parseRegistryAuth(header);
  return header;
}

export function registryAuth(request: FastifyRequest): RegistryAuth | undefined {
  const header = registryAuthHeader(request);
  return header === undefined ? undefined : parseRegistryAuth(header);
}

/** As the docker command sends it (base64url); without a user name it means anonymous. */
export function parseRegistryAuth(header: string): RegistryAuth | undefined {
  const parsed = parseHeader(header);
  const field = (name: string): string => {
    const value: unknown = Reflect.get(parsed, name);
    return typeof value === 'string' ? value : '';
  };
  if (field('identitytoken') !== '' || field('registrytoken') !== '') {
    throw notImplemented('registry credentials by identity token (log in with user name and password)');
  }
  const username = field('username');
  return username === ''
    ? undefined
    : { username, password: field('password'), serverAddress: field('serveraddress') };
}

function parseHeader(header: string): object {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (parsed === null) {
      return {};
    }
    if (typeof parsed === 'object' && !Array.isArray(parsed)) {
      return parsed;
    }
  } catch {
    // Told below, without the header: it may hold a password.
  }
  throw new SkeinError(
    'invalid',
    'bad-registry-auth',
    'invalid X-Registry-Auth header: it takes base64 of a JSON object',
  );
}
