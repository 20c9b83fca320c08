// Virtual time and the one queue of everything that will happen. Events run one after the other; between two of
// them all promises settle, so a history depends on nothing but the seed. It knows no nodes and no protocol.
import { type Clock, sleepBy, type Timer } from '../../shared/clock.ts';
import { type Random, seededRandom } from '../../shared/random.ts';

/** What dies as one: a process. Events of a dead one never run; those of a paused one run when it goes on. */
export class Scope {
  readonly name: string;
  dead = false;
  pausedUntil = 0;

  constructor(name: string) {
    this.name = name;
  }
}

interface Event {
  at: number;
  order: number;
  readonly scope: Scope;
  callback: (() => void) | undefined;
}

/** A rule of the system that does not hold; ends the history. */
export class Violation extends Error {
  readonly rule: string;

  constructor(rule: string, message: string, cause?: unknown) {
    super(`${rule}: ${message}`, cause === undefined ? undefined : { cause });
    this.rule = rule;
  }
}

/** A history that does not end is a violation of its own. */
const MAX_EVENTS = 3_000_000;

export class World {
  readonly seed: number;
  now = 0;
  events = 0;
  /** Called after each event when all promises have settled. */
  afterEvent: (scope: Scope) => void = () => undefined;
  /** Readable lines of the history; undefined when nobody reads them. */
  onLine: ((line: string) => void) | undefined;
  private readonly heap: Event[] = [];
  private order = 0;
  private violation: Violation | undefined;
  private readonly hash = new Fingerprint();

  constructor(seed: number) {
    this.seed = seed;
  }

  /** A stream of chance of its own, so that what one part draws does not move what others draw. */
  random(name: string): Random {
    return seededRandom(textHash(`${this.seed}/${name}`));
  }

  /** Everything that is told here and the order of all events make the fingerprint of the history. */
  note(text: string): void {
    this.hash.add(text);
  }

  log(who: string, text: string): void {
    this.note(text);
    this.onLine?.(`${this.now.toFixed(2).padStart(10)} ${who.padEnd(10)} ${text}`);
  }

  get fingerprint(): string {
    return this.hash.text;
  }

  /** Remembered until the event is over: a check may run deep inside of product code. */
  violate(violation: Violation): void {
    this.violation ??= violation;
  }

  schedule(scope: Scope, delayMs: number, callback: () => void): Timer {
    this.order += 1;
    const event: Event = { at: this.now + Math.max(0, delayMs), order: this.order, scope, callback };
    this.push(event);
    return {
      cancel: () => {
        event.callback = undefined;
      },
    };
  }

  /** Runs until that time, or until `done` says so; rejects with the first violation. */
  run(end: number, done: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let last: Scope | undefined;
      const turn = (): void => {
        try {
          if (last !== undefined) {
            this.afterEvent(last);
          }
          if (this.violation !== undefined) {
            throw this.violation;
          }
          const next = done() ? undefined : this.take(end);
          if (next === undefined) {
            resolve();
            return;
          }
          last = next.scope;
          next.callback?.();
        } catch (error) {
          reject(error);
          return;
        }
        setImmediate(turn);
      };
      setImmediate(turn);
    });
  }

  private take(end: number): Event | undefined {
    for (;;) {
      const next = this.heap[0];
      if (next === undefined || next.at > end) {
        this.now = Math.max(this.now, end);
        return undefined;
      }
      this.pop();
      if (next.callback === undefined || next.scope.dead) {
        continue;
      }
      if (next.scope.pausedUntil > next.at) {
        // In their old order when the process goes on.
        next.at = next.scope.pausedUntil;
        this.push(next);
        continue;
      }
      this.now = next.at;
      this.events += 1;
      if (this.events > MAX_EVENTS) {
        throw new Violation('bounded', `more than ${MAX_EVENTS} events`);
      }
      this.hash.number(next.order);
      return next;
    }
  }

  private push(event: Event): void {
    const { heap } = this;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !before(event, parent)) {
        break;
      }
      heap[at] = parent;
      at = up;
    }
    heap[at] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) {
        break;
      }
      const right = heap[child + 1];
      if (right !== undefined && before(right, left)) {
        child += 1;
      }
      const least = heap[child];
      if (least === undefined || !before(least, last)) {
        break;
      }
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}

function before(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** For calls into a process that may die: rejects when there is no answer within that virtual time. */
export function within<T>(world: World, scope: Scope, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = world.schedule(scope, ms, () => reject(new Error(`no answer in ${ms} ms`)));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** A machine's idea of time: its crystal is a little fast or slow, and its wall clock may be set. */
export class HostTime {
  readonly rate: number;
  wallOffsetMs: number;

  constructor(rate: number, wallOffsetMs: number) {
    this.rate = rate;
    this.wallOffsetMs = wallOffsetMs;
  }
}

/** Some day in 2026; wall clocks begin here. */
const EPOCH_MS = 1_790_000_000_000;

/** The clock of one process on one machine. */
export class SimClock implements Clock {
  private readonly world: World;
  private readonly scope: Scope;
  private readonly time: HostTime;

  constructor(world: World, scope: Scope, time: HostTime) {
    this.world = world;
    this.scope = scope;
    this.time = time;
  }

  now(): number {
    return EPOCH_MS + Math.floor(this.world.now * this.time.rate + this.time.wallOffsetMs);
  }

  monotonic(): number {
    return this.world.now * this.time.rate;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.world.schedule(this.scope, Math.max(0, delayMs) / this.time.rate, callback);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBy(this, delayMs, signal);
  }
}

/** FNV-1a over 32 bits. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

export function bytesHash(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** Two running 32-bit hashes of everything added, in order. */
class Fingerprint {
  private low = 0x811c9dc5;
  private high = 0x2f0b4a27;

  add(text: string): void {
    this.number(textHash(text));
  }

  number(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x01000193);
    this.high = Math.imul(this.high ^ this.low ^ (value >>> 7), 0x85ebca6b) ^ (this.high >>> 13);
  }

  get text(): string {
    const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
    return hex(this.low) + hex(this.high);
  }
}
