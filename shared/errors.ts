// The one error class that crosses areas. Each area documents its own codes in an `errors.ts`
// beside its code and builds them here; HTTP and gRPC statuses are mapped once, at the edge.

/** What went wrong in terms a caller can act on; the edge maps it to HTTP and gRPC statuses. */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'already-exists'
  | 'conflict'
  | 'denied'
  | 'unauthenticated'
  | 'exhausted'
  | 'unavailable'
  | 'timeout'
  | 'not-implemented'
  | 'internal';

export interface ErrorOptions {
  /** True when the same call may succeed later without a change. */
  readonly retryable?: boolean;
  /** Machine-readable details; must never hold a secret. */
  readonly data?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An expected failure: a stable `code`, a `kind`, and a message that says what to do about it. */
export class SkeinError extends Error {
  override readonly name = 'SkeinError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, string>>;

  constructor(kind: ErrorKind, code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.retryable = options.retryable ?? (kind === 'unavailable' || kind === 'timeout');
    this.data = options.data ?? {};
  }
}

/** The message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A broken invariant is no error to handle: it stops the process. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new Error(`invariant broken: ${message}`);
  }
}

/** Marks a switch as exhaustive: a new member of the union breaks the build here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
