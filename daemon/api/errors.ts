// The one place where an error becomes an HTTP status.
import { type ErrorKind, SkeinError } from '../../shared/errors.ts';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  denied: 403,
  'not-found': 404,
  'already-exists': 409,
  conflict: 409,
  exhausted: 507,
  internal: 500,
  'not-implemented': 501,
  unavailable: 503,
  timeout: 503,
};

export function httpStatus(error: unknown): number {
  return error instanceof SkeinError ? STATUS[error.kind] : 500;
}

export function notImplemented(what: string): SkeinError {
  return new SkeinError('not-implemented', 'not-implemented', `not implemented: ${what}`);
}
