// The Engine API's versions: what is advertised, what is accepted, and the path prefix that asks for one.
import { SkeinError } from '../../shared/errors.ts';

/** The newest description the answers are checked against (Docker 28.1-28.2). */
export const API_VERSION = '1.50';
/** Docker 20.10 speaks 1.41; 1.40 costs nothing more. */
export const MIN_API_VERSION = '1.40';
/** What clients see as the engine's version; skein's own stands in the platform's name. */
export const SKEIN_VERSION = '0.1.0';

const PREFIX = /^\/v(\d+)\.(\d+)(?=\/|\?|$)/;

/** The path without its version. @throws SkeinError `bad-version` when the version is not served */
export function stripVersion(url: string): string {
  const match = PREFIX.exec(url);
  if (match === null) {
    return url;
  }
  const asked = Number(match[2]);
  if (match[1] !== '1' || asked > minor(API_VERSION)) {
    throw new SkeinError(
      'invalid',
      'bad-version',
      `client version ${match[1]}.${match[2]} is too new. Maximum supported API version is ${API_VERSION}`,
    );
  }
  if (asked < minor(MIN_API_VERSION)) {
    throw new SkeinError(
      'invalid',
      'bad-version',
      `client version ${match[1]}.${match[2]} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    );
  }
  return url.slice(match[0].length) || '/';
}

function minor(version: string): number {
  return Number(version.split('.')[1]);
}
