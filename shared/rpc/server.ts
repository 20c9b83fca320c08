// The server half of the engine: finds the service's function for each call, runs it and sends back what it gave.
// It knows neither services nor messages; who is calling is the gate's word, HTTP/2 the connections' and calls' business.
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { SkeinError, assert } from '../errors.ts';
import type { Startable } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { CallContext } from '../protocol/peer.ts';
import { CallScope } from './call_scope.ts';
import { readAll, writeAll } from './flow.ts';
import { type AdmittedCaller, Gate } from './gate.ts';
import { framed, IncomingCall, isGrpc, turnAway } from './incoming_call.ts';
import { STOP_GRACE_MS } from './limits.ts';
import type { RpcListener } from './listener.ts';
import type { MethodTable } from './method.ts';
import { type AnyMethod, type MethodEntry, methodEntries } from './method_entries.ts';
import { ServerConnection } from './server_connection.ts';
import { METHOD_NOT_SERVED, toStatus } from './status.ts';

export interface RpcServerDependencies {
  readonly listener: RpcListener;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Runs the implementation with (request or messages, context), or with the context alone. */
type Invoke = (request: unknown, context: CallContext) => unknown;

interface Served {
  readonly method: AnyMethod;
  readonly run: (call: IncomingCall, caller: AdmittedCaller) => void;
}

export class RpcServer implements Startable {
  private readonly dependencies: RpcServerDependencies;
  private readonly gate: Gate;
  private readonly served = new Map<string, Served>();
  private readonly connections = new Set<ServerConnection>();
  private readonly scopes = new Set<CallScope>();
  private idle: (() => void) | undefined;

  constructor(dependencies: RpcServerDependencies, _options: Readonly<Record<string, never>> = {}) {
    this.dependencies = dependencies;
    this.gate = new Gate(dependencies);
  }

  /** Where it listens, once started. */
  get address(): string {
    return this.dependencies.listener.address;
  }

  /** Offers a service; to be called before `start`. Each path may be served once. */
  serve<Service extends object>(table: MethodTable<Service>, implementation: Service): void {
    for (const entry of methodEntries(table)) {
      const { method } = entry;
      assert(!this.served.has(method.path), `${method.path} is served once`);
      this.served.set(method.path, { method, run: this.runner(method, invoker(implementation, entry)) });
    }
  }

  async start(): Promise<void> {
    await this.dependencies.listener.start((socket, key) => this.connect(socket, key));
  }

  /** Refuses new connections, tells running calls to end, and cuts what has not ended after a second. */
  async stop(): Promise<void> {
    await this.dependencies.listener.stop();
    await this.endCalls();
    this.dependencies.listener.closeConnections();
    for (const connection of this.connections) {
      connection.destroy();
    }
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

  private connect(socket: Duplex, key: string): void {
    const { clock, listener } = this.dependencies;
    const connection = new ServerConnection(
      { clock },
      { socket, keepalive: !listener.isLocal },
      {
        onCall: (stream, headers) => this.take(key, stream, headers),
        onClosed: () => this.connections.delete(connection),
      },
    );
    this.connections.add(connection);
  }

  /** Lets a call in or turns it away, before anything but its headers is read. */
  private take(connection: string, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (!isGrpc(stream, headers['content-type'])) {
      return;
    }
    const served = this.served.get(headers[':path'] ?? '');
    if (served === undefined) {
      turnAway(stream, METHOD_NOT_SERVED);
      return;
    }
    let caller: AdmittedCaller;
    try {
      caller = this.gate.admit(connection, headers, served.method);
    } catch (error) {
      turnAway(stream, toStatus(asRefusal(error)));
      return;
    }
    served.run(new IncomingCall(stream, caller.admission), caller);
  }

  private runner(method: AnyMethod, invoke: Invoke): Served['run'] {
    switch (method.kind) {
      case 'unary':
        return (call, caller) =>
          call.receiveOne(
            (bytes) =>
              void this.answerOnce(method, call, (scope) =>
                invoke(scope.decodeRequest(bytes), scope.contextFor(caller)),
              ),
            (error) => call.refuse(toStatus(asRefusal(error))),
          );
      case 'client-stream':
        return (call, caller) =>
          void this.answerOnce(method, call, (scope) =>
            invoke(messagesOf(scope, call), scope.contextFor(caller)),
          );
      case 'server-stream':
        return (call, caller) =>
          call.receiveOne(
            (bytes) =>
              void this.answerMany(method, call, (scope) =>
                invoke(scope.decodeRequest(bytes), scope.contextFor(caller)),
              ),
            (error) => call.refuse(toStatus(asRefusal(error))),
          );
      case 'bidi':
        return (call, caller) =>
          void this.answerMany(method, call, (scope) =>
            invoke(messagesOf(scope, call), scope.contextFor(caller)),
          );
    }
  }

  /** Never rejects. */
  private async answerOnce(
    method: AnyMethod,
    call: IncomingCall,
    run: (scope: CallScope) => unknown,
  ): Promise<void> {
    const scope = this.open(method, call);
    try {
      call.answer(method.encodeResponse(await run(scope)));
    } catch (error) {
      call.refuse(scope.statusOf(error));
    } finally {
      this.close(scope);
    }
  }

  /** Never rejects. */
  private async answerMany(
    method: AnyMethod,
    call: IncomingCall,
    run: (scope: CallScope) => unknown,
  ): Promise<void> {
    const scope = this.open(method, call);
    try {
      const responses = asIterable(run(scope));
      const encode = (response: unknown) => framed(method.encodeResponse(response));
      await writeAll(responses, call.open(), encode, scope.signal);
      call.finish();
    } catch (error) {
      if (!call.cancelled) {
        call.refuse(scope.statusOf(error));
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

  private close(scope: CallScope): void {
    scope.finish();
    this.scopes.delete(scope);
    if (this.scopes.size === 0) {
      this.idle?.();
    }
  }
}

function messagesOf(scope: CallScope, call: IncomingCall): AsyncIterable<unknown> {
  return readAll(call.messages(), (bytes) => scope.decodeRequest(bytes), scope.signal);
}

function asRefusal(error: unknown): SkeinError {
  return error instanceof SkeinError
    ? error
    : new SkeinError('internal', 'internal', 'the caller could not be checked', { cause: error });
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
