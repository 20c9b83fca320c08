// The one place where SkeinErrors become gRPC statuses and back. The whole error rides in one binary
// trailer; the status code and its details are for callers that know nothing of skein.
import { type ServiceError, status } from '@grpc/grpc-js';
import { type ErrorKind, SkeinError, errorMessage } from '../errors.ts';
import { cancelled, connectionLost, unreachable } from './errors.ts';
import { MAX_ERROR_TEXT_BYTES } from './limits.ts';
import { membersOf } from './untrusted_json.ts';

const ERROR_TRAILER = 'skein-error-bin';

const STATUS_OF_KIND: Readonly<Record<ErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  'not-found': status.NOT_FOUND,
  'already-exists': status.ALREADY_EXISTS,
  conflict: status.ABORTED,
  denied: status.PERMISSION_DENIED,
  unauthenticated: status.UNAUTHENTICATED,
  exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  timeout: status.DEADLINE_EXCEEDED,
  'not-implemented': status.UNIMPLEMENTED,
  internal: status.INTERNAL,
};

export interface StatusWithTrailer {
  readonly code: status;
  readonly details: string;
  /** Headers that go out beside code and details. */
  readonly trailer: Readonly<Record<string, string>>;
}

/** The status that carries the error; cause and stack stay here. */
export function toStatus(error: SkeinError): StatusWithTrailer {
  const message = cut(error.message);
  const data = JSON.stringify(error.data).length > MAX_ERROR_TEXT_BYTES ? {} : error.data;
  const carried = { kind: error.kind, code: error.code, message, retryable: error.retryable, data };
  const trailer = { [ERROR_TRAILER]: Buffer.from(JSON.stringify(carried)).toString('base64') };
  return { code: STATUS_OF_KIND[error.kind], details: message, trailer };
}

/** For a path that no service has. */
export const METHOD_NOT_SERVED: StatusWithTrailer = {
  code: status.UNIMPLEMENTED,
  details: 'this server has no such method',
  trailer: {},
};

/** The error that a failed call throws; `address` names the other end in transport errors. */
export function fromServiceError(error: ServiceError, address: string): SkeinError {
  const trailer = error.metadata?.get(ERROR_TRAILER)[0];
  const carried = trailer instanceof Buffer ? parseCarried(trailer) : undefined;
  return carried ?? transportError(error, address);
}

function transportError(error: ServiceError, address: string): SkeinError {
  const details = error.details || errorMessage(error);
  switch (error.code) {
    case status.UNAVAILABLE:
      return details.startsWith('No connection established')
        ? unreachable(address, details, error)
        : connectionLost(address, details, error);
    case status.DEADLINE_EXCEEDED:
      return new SkeinError('timeout', 'deadline-exceeded', `no answer from ${address} in time`, {
        data: { address },
        cause: error,
      });
    case status.CANCELLED:
      return cancelled();
    case status.RESOURCE_EXHAUSTED:
      return new SkeinError('exhausted', 'message-too-large', details, { cause: error });
    case status.UNIMPLEMENTED:
      return new SkeinError('not-implemented', 'method-not-served', `${address} does not serve this call`, {
        cause: error,
      });
    case status.INTERNAL:
      // grpc-js reports a stream that was cut in the middle of a message this way.
      return connectionLost(address, details, error);
    default:
      return new SkeinError('internal', 'rpc-failed', `${address}: ${details}`, { cause: error });
  }
}

/** Undefined when the trailer is not of this shape: it is network input. */
function parseCarried(bytes: Buffer): SkeinError | undefined {
  const members = membersOf(bytes);
  if (members === undefined) {
    return undefined;
  }
  const { kind, code, message, retryable, data } = members;
  if (!isKind(kind) || typeof code !== 'string' || typeof message !== 'string') {
    return undefined;
  }
  return new SkeinError(kind, code, message, { retryable: retryable === true, data: textEntries(data) });
}

function isKind(value: unknown): value is ErrorKind {
  return typeof value === 'string' && Object.hasOwn(STATUS_OF_KIND, value);
}

function textEntries(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Cut to the limit and free of lone surrogates, on which grpc-js would throw. */
function cut(text: string): string {
  return Buffer.from(text, 'utf8').subarray(0, MAX_ERROR_TEXT_BYTES).toString('utf8');
}
