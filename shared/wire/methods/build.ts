// Builds the entries of a method table from a path, who may call, and the codecs of both messages.
import type {
  BidiMethod,
  Caller,
  ClientStreamMethod,
  ServerStreamMethod,
  UnaryMethod,
  WithoutRequest,
} from '../../rpc/method.ts';
import { emptyRequest } from '../empty.ts';
import type { BytesCodec } from '../schema.ts';

/** What every entry says, whatever its streams. */
function base<Request, Response>(
  path: string,
  allow: readonly Caller[],
  request: BytesCodec<Request>,
  response: BytesCodec<Response>,
) {
  return {
    path,
    allow,
    encodeRequest: request.encode,
    decodeRequest: request.decode,
    encodeResponse: response.encode,
    decodeResponse: response.decode,
  };
}

function pathOf(service: string, method: string): string {
  return `/skein.v1.${service}/${method}`;
}

/** Entries of a service's calls with one answer, all open to the same callers. */
export function unaryMethods(service: string, allow: readonly Caller[], timeoutMs: number) {
  const path = (method: string) => pathOf(service, method);
  return {
    unary: <Request, Response>(
      method: string,
      request: BytesCodec<Request>,
      response: BytesCodec<Response>,
    ): UnaryMethod<Request, Response> => ({
      kind: 'unary',
      timeoutMs,
      ...base(path(method), allow, request, response),
    }),
    unaryWithoutRequest: <Response>(
      method: string,
      response: BytesCodec<Response>,
    ): UnaryMethod<Record<string, never>, Response> & WithoutRequest => ({
      kind: 'unary',
      noRequest: true,
      timeoutMs,
      ...base(path(method), allow, emptyRequest, response),
    }),
  };
}

/**
 * Entries of a service's streams. They have no time-out of their own: they last as long as both ends want,
 * and heartbeats or the connection's keep-alive notice a dead peer.
 */
export function streamMethods(service: string, allow: readonly Caller[]) {
  const path = (method: string) => pathOf(service, method);
  return {
    serverStream: <Request, Response>(
      method: string,
      request: BytesCodec<Request>,
      response: BytesCodec<Response>,
    ): ServerStreamMethod<Request, Response> => ({
      kind: 'server-stream',
      ...base(path(method), allow, request, response),
    }),
    serverStreamWithoutRequest: <Response>(
      method: string,
      response: BytesCodec<Response>,
    ): ServerStreamMethod<Record<string, never>, Response> & WithoutRequest => ({
      kind: 'server-stream',
      noRequest: true,
      ...base(path(method), allow, emptyRequest, response),
    }),
    clientStream: <Request, Response>(
      method: string,
      request: BytesCodec<Request>,
      response: BytesCodec<Response>,
    ): ClientStreamMethod<Request, Response> => ({
      kind: 'client-stream',
      ...base(path(method), allow, request, response),
    }),
    bidi: <Request, Response>(
      method: string,
      request: BytesCodec<Request>,
      response: BytesCodec<Response>,
    ): BidiMethod<Request, Response> => ({
      kind: 'bidi',
      ...base(path(method), allow, request, response),
    }),
  };
}
