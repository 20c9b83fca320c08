// The server half of the engine: binds service implementations to gRPC handlers over one listener.
// It knows neither services nor messages; who is calling is the listener's word, asked at every call.
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Clock } from '../clock.ts';
import { assert } from '../errors.ts';
import type { Startable } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { CallContext } from '../protocol/peer.ts';
import { CallScope, type IncomingCall } from './call_scope.ts';
import { readAll, writeAll } from './flow.ts';
import {
  KEEPALIVE_PERIOD_MS,
  KEEPALIVE_TIMEOUT_MS,
  MAX_MESSAGE_BYTES,
  MAX_STREAMS_PER_CONNECTION,
  STOP_GRACE_MS,
} from './limits.ts';
import { Gate } from './gate.ts';
import type { RpcListener } from './listener.ts';
import type { MethodTable } from './method.ts';
import { type AnyMethod, type MethodEntry, asBytes, methodEntries } from './method_entries.ts';

export interface RpcServerDependencies {
  readonly listener: RpcListener;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Runs the implementation with (request or messages, context), or with the context alone. */
type Invoke = (request: unknown, context: CallContext) => unknown;

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type ReadableCall = ServerReadableStream<Buffer, Buffer>;
type WritableCall = ServerWritableStream<Buffer, Buffer>;
type DuplexCall = ServerDuplexStream<Buffer, Buffer>;

const KEEPALIVE = {
  'grpc.keepalive_time_ms': KEEPALIVE_PERIOD_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
} as const;

export class RpcServer implements Startable {
  private readonly dependencies: RpcServerDependencies;
  private readonly server: Server;
  private readonly gate: Gate;
  private readonly scopes = new Set<CallScope>();
  private injector: ConnectionInjector | undefined;
  private idle: (() => void) | undefined;

  constructor(dependencies: RpcServerDependencies, _options: Readonly<Record<string, never>> = {}) {
    this.dependencies = dependencies;
    this.gate = new Gate(dependencies);
    this.server = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
      ...(dependencies.listener.isLocal ? {} : KEEPALIVE),
      'grpc.enable_channelz': 0,
      interceptors: [this.gate.interceptor],
    });
  }

  /** Where it listens, once started. */
  get address(): string {
    return this.dependencies.listener.address;
  }

  /** Offers a service; to be called before `start`. Each path may be served once. */
  serve<Service extends object>(table: MethodTable<Service>, implementation: Service): void {
    for (const entry of methodEntries(table)) {
      const added = this.register(entry.method, invoker(implementation, entry));
      assert(added, `${entry.method.path} is served once`);
    }
  }

  async start(): Promise<void> {
    const injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
    this.injector = injector;
    await this.dependencies.listener.start((socket) => injector.injectConnection(socket));
  }

  /** Refuses new connections, tells running calls to end, and cuts what has not ended after a second. */
  async stop(): Promise<void> {
    await this.dependencies.listener.stop();
    if (this.injector === undefined) {
      return;
    }
    this.injector = undefined;
    await this.endCalls();
    this.dependencies.listener.closeConnections();
    this.server.forceShutdown();
  }

  private async endCalls(): Promise<void> {
    if (this.scopes.size === 0) {
      return;
    }
    const ended = new Promise<void>((resolve) => {
      this.idle = resolve;
    });
    const grace = this.dependencies.clock.after(STOP_GRACE_MS, () => this.idle?.());
    for (const scope of this.scopes) {
      scope.stop();
    }
    await ended;
    grace.cancel();
  }

  private register(method: AnyMethod, invoke: Invoke): boolean {
    const { path } = method;
    this.gate.add(method);
    switch (method.kind) {
      case 'unary': {
        const handler = (call: UnaryCall, answer: sendUnaryData<Buffer>) =>
          this.answerOnce(method, call, answer, (scope, context) =>
            invoke(scope.decodeRequest(call.request), context),
          );
        return this.server.register(path, handler, asBytes, asBytes, 'unary');
      }
      case 'client-stream': {
        const handler = (call: ReadableCall, answer: sendUnaryData<Buffer>) =>
          this.answerOnce(method, call, answer, (scope, context) =>
            invoke(this.messagesOf(scope, call), context),
          );
        return this.server.register(path, handler, asBytes, asBytes, 'clientStream');
      }
      case 'server-stream': {
        const handler = (call: WritableCall) =>
          this.answerMany(method, call, (scope, context) =>
            invoke(scope.decodeRequest(call.request), context),
          );
        return this.server.register(path, handler, asBytes, asBytes, 'serverStream');
      }
      case 'bidi': {
        const handler = (call: DuplexCall) =>
          this.answerMany(method, call, (scope, context) => invoke(this.messagesOf(scope, call), context));
        return this.server.register(path, handler, asBytes, asBytes, 'bidi');
      }
    }
  }

  private messagesOf(scope: CallScope, call: ReadableCall | DuplexCall): AsyncIterable<unknown> {
    return readAll(call, (bytes) => scope.decodeRequest(bytes), scope.signal);
  }

  private async answerOnce(
    method: AnyMethod,
    call: UnaryCall | ReadableCall,
    answer: sendUnaryData<Buffer>,
    run: (scope: CallScope, context: CallContext) => unknown,
  ): Promise<void> {
    const scope = this.open(method, call);
    try {
      const response = await run(scope, this.admit(scope, call));
      answer(null, method.encodeResponse(response));
    } catch (error) {
      answer(scope.statusOf(error));
    } finally {
      this.close(scope);
    }
  }

  private async answerMany(
    method: AnyMethod,
    call: WritableCall | DuplexCall,
    run: (scope: CallScope, context: CallContext) => unknown,
  ): Promise<void> {
    const scope = this.open(method, call);
    try {
      const responses = run(scope, this.admit(scope, call));
      await writeAll(asIterable(responses), call, method.encodeResponse, scope.signal);
    } catch (error) {
      if (!scope.abandoned) {
        // grpc-js' way to end a stream with a status.
        call.emit('error', scope.statusOf(error));
      }
    } finally {
      this.close(scope);
    }
  }

  private open(method: AnyMethod, call: IncomingCall): CallScope {
    const scope = new CallScope({ log: this.dependencies.log }, { method, call });
    this.scopes.add(scope);
    return scope;
  }

  private admit(scope: CallScope, call: IncomingCall): CallContext {
    return scope.contextFor(this.gate.admit(call.metadata, scope.path));
  }

  private close(scope: CallScope): void {
    scope.finish();
    this.scopes.delete(scope);
    if (this.scopes.size === 0) {
      this.idle?.();
    }
  }
}

function invoker<Service extends object>(implementation: Service, entry: MethodEntry): Invoke {
  const member: unknown = Reflect.get(implementation, entry.name);
  assert(typeof member === 'function', `the service implements ${entry.name}`);
  return (request, context) =>
    Reflect.apply(member, implementation, entry.takesRequest ? [request, context] : [context]);
}

function asIterable(value: unknown): AsyncIterable<unknown> {
  assert(
    typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
    'a streaming method returns an async iterable',
  );
  return value as AsyncIterable<unknown>;
}
