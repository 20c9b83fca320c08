// How a service is described once, for both ends: each method's path, codecs and who may call it.
// shared/wire writes these tables; shared/rpc turns one into a server or a client of the same interface.
import type { CallContext } from '../protocol/peer.ts';

/** Who may call: a worker's or a manager's certificate, the local socket, or nobody known. */
export type Caller = 'stranger' | 'worker' | 'manager' | 'local';

interface MethodBase<Request, Response> {
  /** `/skein.v1.Control/CreateService` */
  readonly path: string;
  readonly allow: readonly Caller[];
  readonly encodeRequest: (request: Request) => Buffer;
  readonly decodeRequest: (bytes: Buffer) => Request;
  readonly encodeResponse: (response: Response) => Buffer;
  readonly decodeResponse: (bytes: Buffer) => Response;
}

export interface UnaryMethod<Request, Response> extends MethodBase<Request, Response> {
  readonly kind: 'unary';
  /** The client gives up after this long. */
  readonly timeoutMs: number;
}

export interface ServerStreamMethod<Request, Response> extends MethodBase<Request, Response> {
  readonly kind: 'server-stream';
}

export interface ClientStreamMethod<Request, Response> extends MethodBase<Request, Response> {
  readonly kind: 'client-stream';
}

export interface BidiMethod<Request, Response> extends MethodBase<Request, Response> {
  readonly kind: 'bidi';
}

/** Marks a function that takes the context alone; at run time nothing else tells it from one with a request. */
export interface WithoutRequest {
  readonly noRequest: true;
}

/** The method that fits the shape of an interface's function. */
export type MethodFor<F> = F extends (context: CallContext) => AsyncIterable<infer Res>
  ? ServerStreamMethod<Record<string, never>, Res> & WithoutRequest
  : F extends (context: CallContext) => Promise<infer Res>
    ? UnaryMethod<Record<string, never>, Res> & WithoutRequest
    : F extends (messages: AsyncIterable<infer Req>, context: CallContext) => AsyncIterable<infer Res>
      ? BidiMethod<Req, Res>
      : F extends (messages: AsyncIterable<infer Req>, context: CallContext) => Promise<infer Res>
        ? ClientStreamMethod<Req, Res>
        : F extends (request: infer Req, context: CallContext) => AsyncIterable<infer Res>
          ? ServerStreamMethod<Req, Res>
          : F extends (request: infer Req, context: CallContext) => Promise<infer Res>
            ? UnaryMethod<Req, Res>
            : never;

/** One entry for every function of a service interface: a function without one does not compile. */
export type MethodTable<Service> = { readonly [Name in keyof Service]: MethodFor<Service[Name]> };
