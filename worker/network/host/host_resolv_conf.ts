// The host's own list of name servers: where unknown names of tasks are passed on to.
import { readFileSync } from 'node:fs';
import { hasErrno } from '../../kernel/errors.ts';

/** Its text; empty where there is none. */
export function readResolvConf(path = '/etc/resolv.conf'): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return '';
    }
    throw error;
  }
}
