// The client half of the engine: gives an object of a service's own interface whose functions are calls
// over a connection. Errors come back as the SkeinError that the other end threw.
import { setMaxListeners } from 'node:events';
import { type CallOptions, type Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { CallContext } from '../protocol/peer.ts';
import { type RpcConnection, grpcDeadline } from './connection.ts';
import { readAll, unlessAborted, writeAll } from './flow.ts';
import { forwardingMetadata } from './forwarded_peer.ts';
import { CONNECT_TIMEOUT_MS } from './limits.ts';
import type { MethodTable } from './method.ts';
import { type AnyMethod, asBytes, methodEntries } from './method_entries.ts';
import { fromServiceError } from './status.ts';

export interface ClientOptions {
  /** Sends `context.peer` along as the original caller: for a manager that passes calls on. */
  readonly forwardPeer?: boolean;
}

/**
 * The service over the connection. Functions heed `context.signal`; unary calls end at their method's
 * time-out. Streams begin when they are first read; leaving the loop ends the call.
 */
export function client<Service>(
  table: MethodTable<Service>,
  connection: RpcConnection,
  options: ClientOptions = {},
): Service {
  const functions: Record<string, unknown> = {};
  for (const { name, method, takesRequest } of methodEntries(table)) {
    functions[name] = takesRequest
      ? (request: unknown, context: CallContext) => call(method, connection, request, context, options)
      : (context: CallContext) => call(method, connection, {}, context, options);
  }
  return functions as Service;
}

function call(
  method: AnyMethod,
  connection: RpcConnection,
  request: unknown,
  context: CallContext,
  options: ClientOptions,
): unknown {
  const metadata = options.forwardPeer === true ? forwardingMetadata(context.peer) : new Metadata();
  // One signal often ends hundreds of calls (a daemon's own): that many listeners are no leak.
  setMaxListeners(0, context.signal);
  const outgoing = { connection, metadata, signal: context.signal };
  switch (method.kind) {
    case 'unary':
      return callUnary(method, method.timeoutMs, outgoing, request);
    case 'client-stream':
      return callClientStream(method, outgoing, request as AsyncIterable<unknown>);
    case 'server-stream':
      return callServerStream(method, outgoing, request);
    case 'bidi':
      return callBidi(method, outgoing, request as AsyncIterable<unknown>);
  }
}

interface Outgoing {
  readonly connection: RpcConnection;
  readonly metadata: Metadata;
  readonly signal: AbortSignal;
}

async function callUnary(
  method: AnyMethod,
  timeoutMs: number,
  outgoing: Outgoing,
  request: unknown,
): Promise<unknown> {
  const bytes = method.encodeRequest(request);
  const deadline = grpcDeadline(timeoutMs);
  const grpc = await ready(outgoing, Math.min(timeoutMs, CONNECT_TIMEOUT_MS));
  return await answered(method, outgoing, (done) =>
    grpc.makeUnaryRequest(method.path, asBytes, asBytes, bytes, outgoing.metadata, { deadline }, done),
  );
}

async function callClientStream(
  method: AnyMethod,
  outgoing: Outgoing,
  messages: AsyncIterable<unknown>,
): Promise<unknown> {
  const grpc = await ready(outgoing, CONNECT_TIMEOUT_MS);
  const sending = new AbortController();
  let sendFailure: unknown;
  try {
    return await answered(method, outgoing, (done) => {
      const stream = grpc.makeClientStreamRequest(
        method.path,
        asBytes,
        asBytes,
        outgoing.metadata,
        NO_OPTIONS,
        done,
      );
      stream.on('error', () => undefined);
      writeAll(messages, stream, method.encodeRequest, sending.signal).catch((error) => {
        if (!sending.signal.aborted) {
          sendFailure = error;
          stream.cancel();
        }
      });
      return stream;
    });
  } catch (error) {
    throw sendFailure ?? error;
  } finally {
    sending.abort();
  }
}

async function* callServerStream(
  method: AnyMethod,
  outgoing: Outgoing,
  request: unknown,
): AsyncGenerator<unknown, void, undefined> {
  const bytes = method.encodeRequest(request);
  const grpc = await ready(outgoing, CONNECT_TIMEOUT_MS);
  const stream = grpc.makeServerStreamRequest(
    method.path,
    asBytes,
    asBytes,
    bytes,
    outgoing.metadata,
    NO_OPTIONS,
  );
  yield* received(method, outgoing, stream, () => undefined);
}

async function* callBidi(
  method: AnyMethod,
  outgoing: Outgoing,
  messages: AsyncIterable<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  const grpc = await ready(outgoing, CONNECT_TIMEOUT_MS);
  const stream = grpc.makeBidiStreamRequest(method.path, asBytes, asBytes, outgoing.metadata, NO_OPTIONS);
  const sending = new AbortController();
  let sendFailure: unknown;
  writeAll(messages, stream, method.encodeRequest, sending.signal).catch((error) => {
    if (!sending.signal.aborted) {
      sendFailure = error;
      stream.cancel();
    }
  });
  try {
    yield* received(method, outgoing, stream, () => sendFailure);
  } finally {
    sending.abort();
  }
}

const NO_OPTIONS: CallOptions = {};

/** A connected client; counts the time of connecting against the call's own. */
async function ready(outgoing: Outgoing, timeoutMs: number): Promise<Client> {
  const { connection, signal } = outgoing;
  const giveUp = new AbortController();
  const timer = connection.clock.after(timeoutMs, () => {
    giveUp.abort(fromServiceError(deadlineExceeded(), connection.address));
  });
  try {
    return await unlessAborted(signal, () => connection.ready(giveUp.signal));
  } finally {
    timer.cancel();
  }
}

/** Runs a call with one answer; `begin` starts it and hands its callback over. */
function answered(
  method: AnyMethod,
  outgoing: Outgoing,
  begin: (done: (error: ServiceError | null, bytes?: Buffer) => void) => { cancel(): void },
): Promise<unknown> {
  const { signal, connection } = outgoing;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const started = begin((error, bytes) => {
      signal.removeEventListener('abort', onAbort);
      if (error !== null) {
        reject(signal.aborted ? signal.reason : fromServiceError(error, connection.address));
        return;
      }
      try {
        resolve(method.decodeResponse(bytes ?? Buffer.alloc(0)));
      } catch (decodeError) {
        reject(decodeError);
      }
    });
    const onAbort = () => started.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

type ReceivingStream = ReturnType<typeof Client.prototype.makeServerStreamRequest<Buffer, Buffer>>;

/** The decoded answers of a stream until its status; throws unless that is OK. Ends the call when left early. */
async function* received(
  method: AnyMethod,
  outgoing: Outgoing,
  stream: ReceivingStream,
  sendFailure: () => unknown,
): AsyncGenerator<unknown, void, undefined> {
  const { signal, connection } = outgoing;
  let failure: ServiceError | undefined;
  stream.on('error', (error: ServiceError) => {
    failure = error;
  });
  const onAbort = () => stream.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    stream.cancel();
  }
  try {
    // Leaving the loop early leaves the stream open: cancelling it is what ends the call.
    yield* readAll(stream.iterator({ destroyOnReturn: false }), method.decodeResponse, signal);
  } catch (error) {
    throw signal.aborted
      ? signal.reason
      : (sendFailure() ?? receivedError(failure, error, connection.address));
  } finally {
    signal.removeEventListener('abort', onAbort);
    stream.cancel();
  }
}

function receivedError(failure: ServiceError | undefined, error: unknown, address: string): unknown {
  return failure === undefined ? error : fromServiceError(failure, address);
}

function deadlineExceeded(): ServiceError {
  return Object.assign(new Error('deadline exceeded'), {
    code: 4,
    details: 'deadline exceeded',
    metadata: new Metadata(),
  });
}
