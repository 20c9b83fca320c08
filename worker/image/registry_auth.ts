// Registry credentials as docker's clients send them, in X-Registry-Auth and with a service's spec.
import { SkeinError } from '../../shared/errors.ts';
import type { RegistryAuth } from './api.ts';
import { unsupported } from './errors.ts';

/** As the docker command sends it (base64url); without a user name it means anonymous. */
export function parseRegistryAuth(header: string): RegistryAuth | undefined {
  const parsed = parseHeader(header);
  const field = (name: string): string => {
    const value: unknown = Reflect.get(parsed, name);
    return typeof value === 'string' ? value : '';
  };
  if (field('identitytoken') !== '' || field('registrytoken') !== '') {
    throw unsupported('registry credentials by identity token (log in with user name and password)');
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
