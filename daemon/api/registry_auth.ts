// The header X-Registry-Auth of a request: checked here, since the nodes must be able to read it later.
import type { FastifyRequest } from 'fastify';
import type { RegistryAuth } from '../../worker/image/api.ts';
import { parseRegistryAuth } from '../../worker/image/registry_auth.ts';

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
