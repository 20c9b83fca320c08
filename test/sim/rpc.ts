// Calls between processes over the simulated wires, by the product's own method tables: unary calls and streams
// both ways, cancelled, timed out and broken as gRPC's are. Values pass as they are; codecs have tests of their own.

import type { Timer } from '../../shared/clock.ts';
import type { CallContext, Peer } from '../../shared/protocol/peer.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { cancelled, connectionLost, unreachable } from '../../shared/rpc/errors.ts';
import type { MethodTable } from '../../shared/rpc/method.ts';
import { methodEntries } from '../../shared/rpc/method_entries.ts';
import { KEEPALIVE_MS, type Network, type Pipe, type Place } from './network.ts';
import type { Scope, World } from './world.ts';

/** A process that takes calls. */
export interface Listener {
  readonly scope: Scope;
  /** By method table. */
  readonly services: ReadonlyMap<object, object>;
}

export interface Caller {
  readonly scope: Scope;
  readonly place: Place;
  /** Whom the other side sees. */
  readonly peer: Peer;
  /** A manager speaks for the one who called it. */
  readonly forwards?: boolean;
}

type Frame =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'end'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

type Outcome = (frame: Frame) => void;
type Anything = (...args: readonly unknown[]) => unknown;

const CONNECT_TIMEOUT_MS = 5_000;
const WATCH_MS = 1_000;
/** More than any stream holds here. */
const STREAM_LIMIT = 100_000;

export class Rpc {
  readonly network: Network;
  readonly world: World;
  private readonly listeners = new Map<Place, Listener>();

  constructor(world: World, network: Network) {
    this.world = world;
    this.network = network;
  }

  listen(place: Place, listener: Listener): void {
    this.listeners.set(place, listener);
  }

  at(place: Place): Listener | undefined {
    const listener = this.listeners.get(place);
    return listener?.scope.dead === false ? listener : undefined;
  }

  client<Service extends object>(table: MethodTable<Service>, caller: Caller, to: Place): Service {
    const functions: Record<string, unknown> = {};
    for (const { name, method } of methodEntries(table)) {
      const target = { table, name, to, timeoutMs: method.kind === 'unary' ? method.timeoutMs : 0 };
      functions[name] = {
        unary: (...args: readonly unknown[]) => this.unary(caller, target, args),
        'client-stream': (...args: readonly unknown[]) => this.clientStream(caller, target, args),
        'server-stream': (...args: readonly unknown[]) => this.stream(caller, target, args, false),
        bidi: (...args: readonly unknown[]) => this.stream(caller, target, args, true),
      }[method.kind];
    }
    return functions as Service;
  }

  private unary(caller: Caller, target: Target, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = new Call(this, caller, target, args, (frame) =>
        frame.kind === 'error'
          ? reject(frame.error)
          : resolve(frame.kind === 'end' ? frame.value : undefined),
      );
      call.open(args.slice(0, -1));
    });
  }

  private clientStream(caller: Caller, target: Target, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = new Call(this, caller, target, args, (frame) =>
        frame.kind === 'error' ? reject(frame.error) : resolve(undefined),
      );
      call.openStream(args[0] as AsyncIterable<unknown>);
    });
  }

  private async *stream(caller: Caller, target: Target, args: readonly unknown[], bidi: boolean) {
    const queue = new AsyncQueue<{ readonly value: unknown }>(STREAM_LIMIT);
    const call = new Call(this, caller, target, args, (frame) => {
      if (frame.kind === 'value') {
        queue.push(frame);
      } else if (frame.kind === 'error') {
        queue.fail(frame.error);
      } else {
        queue.close();
      }
    });
    if (bidi) {
      call.openStream(args[0] as AsyncIterable<unknown>);
    } else {
      call.open(args.slice(0, -1));
    }
    try {
      for await (const { value } of queue) {
        yield value;
      }
    } finally {
      call.cancel();
    }
  }
}

interface Target {
  readonly table: object;
  readonly name: string;
  readonly to: Place;
  readonly timeoutMs: number;
}

/** One call from its begin to its outcome; the client's half and, once it arrived, the server's. */
class Call {
  private readonly rpc: Rpc;
  private readonly caller: Caller;
  private readonly target: Target;
  private readonly context: CallContext;
  private readonly outcome: Outcome;
  private readonly listener: Listener | undefined;
  private readonly timers: Timer[] = [];
  private up: Pipe<Frame> | undefined;
  private over = false;
  private closedSince: number | undefined;
  private readonly onAbort = () => this.fail(this.context.signal.reason ?? cancelled());
  // The server's half.
  private readonly serverAbort = new AbortController();
  private inbound: AsyncQueue<{ readonly value: unknown }> | undefined;

  constructor(rpc: Rpc, caller: Caller, target: Target, args: readonly unknown[], outcome: Outcome) {
    this.rpc = rpc;
    this.caller = caller;
    this.target = target;
    this.context = args.at(-1) as CallContext;
    this.outcome = outcome;
    this.listener = rpc.at(target.to);
  }

  open(args: readonly unknown[]): void {
    this.begin((context) => this.serve([...args, context]));
  }

  openStream(messages: AsyncIterable<unknown>): void {
    this.begin((context) => {
      const inbound = new AsyncQueue<{ readonly value: unknown }>(STREAM_LIMIT);
      this.inbound = inbound;
      return this.serve([values(inbound), context]);
    });
    void this.pump(messages);
  }

  cancel(): void {
    if (!this.over) {
      this.fail(cancelled());
    }
  }

  private begin(serve: (context: CallContext) => Promise<void>): void {
    const { world, network } = this.rpc;
    const { caller, target, listener, context } = this;
    if (context.signal.aborted) {
      this.fail(context.signal.reason);
      return;
    }
    context.signal.addEventListener('abort', this.onAbort, { once: true });
    const open = network.isOpen(caller.place, target.to) && network.isOpen(target.to, caller.place);
    if (listener === undefined || !open) {
      const delayMs = open ? 2 * network.delay(caller.place, target.to) : CONNECT_TIMEOUT_MS;
      this.after(delayMs, () => this.fail(unreachable(`host ${target.to}`, open ? 'refused' : 'no answer')));
      return;
    }
    if (target.timeoutMs > 0) {
      this.after(target.timeoutMs, () => this.fail(connectionLost(`host ${target.to}`, 'no answer in time')));
    }
    this.watch();
    const { scope } = listener;
    const route = { from: caller.place, to: target.to, sender: caller.scope, receiver: scope };
    let opened = false;
    this.up = network.pipe<Frame>(route, {
      deliver: (frame) => {
        if (!opened) {
          opened = true;
          void serve({
            peer: caller.forwards === true ? context.peer : caller.peer,
            signal: this.serverAbort.signal,
            ...(caller.forwards === true ? { forwarded: true } : {}),
          });
        }
        this.receive(frame);
      },
      broken: () => this.endServer(connectionLost('the caller', 'no word')),
    });
    this.up.push({ kind: 'value', value: OPENING });
    this.watchServer(world, scope);
  }

  // ---- the client's half ----

  private async pump(messages: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const value of messages) {
        if (this.over) {
          return;
        }
        this.up?.push({ kind: 'value', value });
      }
      this.up?.push({ kind: 'end', value: undefined });
    } catch (error) {
      this.fail(error);
    }
  }

  private answer(frame: Frame): void {
    if (this.over) {
      return;
    }
    if (frame.kind !== 'value') {
      this.finish();
    }
    this.outcome(frame);
  }

  private fail(error: unknown): void {
    if (!this.over) {
      this.up?.push({ kind: 'error', error });
      this.finish();
      this.outcome({ kind: 'error', error });
    }
  }

  private finish(): void {
    this.over = true;
    for (const timer of this.timers) {
      timer.cancel();
    }
    this.context.signal.removeEventListener('abort', this.onAbort);
  }

  private after(delayMs: number, callback: () => void): void {
    this.timers.push(this.rpc.world.schedule(this.caller.scope, delayMs, callback));
  }

  /** Keepalive: a dead or silent server is noticed. */
  private watch(): void {
    this.after(WATCH_MS, () => {
      if (this.over) {
        return;
      }
      this.timers.length = Math.min(this.timers.length, 1);
      if (this.lostSince(this.listener?.scope)) {
        this.fail(connectionLost(`host ${this.target.to}`, 'no sign of life'));
      } else {
        this.watch();
      }
    });
  }

  private lostSince(other: Scope | undefined): boolean {
    const { network, world } = this.rpc;
    const { place } = this.caller;
    const open = network.isOpen(place, this.target.to) && network.isOpen(this.target.to, place);
    if (open && other?.dead !== true) {
      this.closedSince = undefined;
      return false;
    }
    this.closedSince ??= world.now;
    return (open && other?.dead === true) || world.now - this.closedSince >= KEEPALIVE_MS;
  }

  // ---- the server's half ----

  private async serve(args: readonly unknown[]): Promise<void> {
    const { listener, target, caller, rpc } = this;
    if (listener === undefined) {
      return;
    }
    const down = rpc.network.pipe<Frame>(
      { from: target.to, to: caller.place, sender: listener.scope, receiver: caller.scope },
      {
        deliver: (frame) => this.answer(frame),
        broken: () => this.fail(connectionLost('the server', 'no word')),
      },
    );
    try {
      const service = listener.services.get(target.table) as Record<string, Anything> | undefined;
      const method = service?.[target.name];
      if (method === undefined) {
        throw unreachable(`host ${target.to}`, `no ${target.name} is served`);
      }
      const result: unknown = Reflect.apply(method, service, args);
      if (isIterable(result)) {
        for await (const value of result) {
          down.push({ kind: 'value', value });
        }
        down.push({ kind: 'end', value: undefined });
      } else {
        down.push({ kind: 'end', value: await result });
      }
    } catch (error) {
      down.push({ kind: 'error', error });
    }
    this.inbound?.close();
  }

  private receive(frame: Frame): void {
    if (frame.kind === 'error') {
      this.endServer(frame.error);
    } else if (frame.kind === 'end') {
      this.inbound?.close();
    } else if (frame.value !== OPENING) {
      this.inbound?.push({ value: frame.value });
    }
  }

  private endServer(error: unknown): void {
    if (!this.serverAbort.signal.aborted) {
      this.serverAbort.abort(error);
      this.inbound?.fail(error);
    }
  }

  /** A caller that died is noticed by the server as well. */
  private watchServer(world: World, scope: Scope): void {
    world.schedule(scope, WATCH_MS, () => {
      if (this.serverAbort.signal.aborted || (this.over && !this.caller.scope.dead)) {
        return;
      }
      if (this.caller.scope.dead) {
        this.endServer(connectionLost('the caller', 'it died'));
      } else {
        this.watchServer(world, scope);
      }
    });
  }
}

const OPENING = Symbol('opening');

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function* values(queue: AsyncQueue<{ readonly value: unknown }>): AsyncGenerator<unknown> {
  for await (const { value } of queue) {
    yield value;
  }
}
