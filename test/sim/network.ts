// The wires between machines: which way each is open, how long a frame takes, what chance does to it. Frames of a
// datagram kind may be lost, doubled and overtaken; pipes keep their order and break when nothing comes through.
import type { Random } from '../../shared/random.ts';
import type { Scope, World } from './world.ts';

/** Number of a machine. */
export type Place = number;

export interface Weather {
  /** Share of datagrams that get lost, and that come twice. */
  loss: number;
  doubled: number;
  /** Most extra delay of a datagram, ms; delays differ, so datagrams overtake each other. */
  jitterMs: number;
}

export const FAIR_WEATHER: Weather = { loss: 0, doubled: 0, jitterMs: 0.3 };
const WIRE_MS = 0.2;
const SAME_MACHINE_MS = 0.02;
/** A pipe whose frames do not get through is looked at this often, and is broken after so long (keepalive). */
const STALL_LOOK_MS = 250;
export const KEEPALIVE_MS = 4_000;

export class Network {
  readonly weather: Weather = { ...FAIR_WEATHER };
  private readonly world: World;
  private readonly random: Random;
  private readonly closed = new Set<string>();

  constructor(world: World, random: Random) {
    this.world = world;
    this.random = random;
  }

  cut(from: Place, to: Place): void {
    this.closed.add(`${from}>${to}`);
  }

  mend(from: Place, to: Place): void {
    this.closed.delete(`${from}>${to}`);
  }

  healAll(): void {
    this.closed.clear();
    Object.assign(this.weather, FAIR_WEATHER);
  }

  isOpen(from: Place, to: Place): boolean {
    return from === to || !this.closed.has(`${from}>${to}`);
  }

  /** True when nothing gets from or to that place. */
  isIsolated(place: Place, all: readonly Place[]): boolean {
    return all.every(
      (other) => other === place || (!this.isOpen(place, other) && !this.isOpen(other, place)),
    );
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  delay(from: Place, to: Place): number {
    return from === to ? SAME_MACHINE_MS : WIRE_MS + this.random.next() * this.weather.jitterMs;
  }

  /** @param lost told when the sender's machine could know: only sometimes. */
  datagram(route: Route, deliver: () => void, lost: () => void): void {
    const { weather, random } = this;
    const copies = random.next() < weather.loss ? 0 : random.next() < weather.doubled ? 2 : 1;
    if (copies === 0 || !this.isOpen(route.from, route.to)) {
      if (random.next() < 0.5) {
        this.world.schedule(route.sender, this.delay(route.from, route.to), lost);
      }
      return;
    }
    for (let copy = 0; copy < copies; copy += 1) {
      this.world.schedule(route.receiver, this.delay(route.from, route.to), () => {
        if (this.isOpen(route.from, route.to)) {
          deliver();
        }
      });
    }
  }

  pipe<T>(route: Route, ends: PipeEnds<T>): Pipe<T> {
    return new Pipe(this.world, this, route, ends);
  }
}

export interface Route {
  readonly from: Place;
  readonly to: Place;
  readonly sender: Scope;
  readonly receiver: Scope;
}

export interface PipeEnds<T> {
  readonly deliver: (item: T) => void;
  /** Told to the receiving side when the pipe breaks. */
  readonly broken: () => void;
}

/** One direction of a connection: first in, first out; when the first does not get through, all behind it wait. */
export class Pipe<T> {
  private readonly world: World;
  private readonly network: Network;
  private readonly route: Route;
  private readonly ends: PipeEnds<T>;
  private readonly queue: { readonly at: number; readonly item: T }[] = [];
  private lastAt = 0;
  private stalledMs = 0;
  private isBroken = false;

  constructor(world: World, network: Network, route: Route, ends: PipeEnds<T>) {
    this.world = world;
    this.network = network;
    this.route = route;
    this.ends = ends;
  }

  push(item: T): void {
    const { from, to, sender } = this.route;
    if (this.isBroken || sender.dead) {
      return;
    }
    this.lastAt = Math.max(this.lastAt, this.world.now + this.network.delay(from, to));
    this.queue.push({ at: this.lastAt, item });
    if (this.queue.length === 1) {
      this.look(this.lastAt - this.world.now);
    }
  }

  close(): void {
    this.isBroken = true;
  }

  private look(delayMs: number): void {
    this.world.schedule(this.route.receiver, delayMs, () => this.arrive());
  }

  private arrive(): void {
    const { from, to } = this.route;
    if (this.isBroken) {
      return;
    }
    if (!this.network.isOpen(from, to)) {
      this.stalledMs += STALL_LOOK_MS;
      if (this.stalledMs > KEEPALIVE_MS) {
        this.isBroken = true;
        this.ends.broken();
      } else {
        this.look(STALL_LOOK_MS);
      }
      return;
    }
    this.stalledMs = 0;
    const first = this.queue.shift();
    if (first !== undefined) {
      this.ends.deliver(first.item);
    }
    const next = this.queue[0];
    if (next !== undefined && !this.isBroken) {
      this.look(next.at - this.world.now);
    }
  }
}
