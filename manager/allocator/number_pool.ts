// Small unique numbers: VXLAN identifiers and the nodes' overlay indexes. The lowest free one is given, but
// one that was just given back rests for a while, so that kernel state left on some node cannot be
// mistaken for the new holder's.
import type { Id } from '../../shared/model/meta.ts';

/** Milliseconds a returned number rests: longer than any node needs to notice that its holder is gone. */
export const NUMBER_REST_MS = 10 * 60_000;

export class NumberPool {
  private readonly low: number;
  private readonly high: number;
  private readonly holders = new Map<number, Id>();
  /** Number to the time (epoch ms) it was given back, oldest first. */
  private readonly resting = new Map<number, number>();
  /** Below it nothing is free. */
  private floor: number;

  /** Numbers from low to high, both included. */
  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
    this.floor = low;
  }

  /** The lowest number that is free and rested; without one the number that rests longest; undefined when all are held. */
  take(owner: Id, now: number): number | undefined {
    this.wake(now);
    let candidate = this.floor;
    while (candidate <= this.high && (this.holders.has(candidate) || this.resting.has(candidate))) {
      candidate += 1;
    }
    if (candidate > this.high) {
      const [oldest] = this.resting.keys();
      if (oldest === undefined) {
        return undefined;
      }
      candidate = oldest;
      this.resting.delete(oldest);
    } else {
      this.floor = candidate;
    }
    this.holders.set(candidate, owner);
    return candidate;
  }

  /** Notes that the owner holds the number; false when another one does, or it is out of bounds. */
  claim(number: number, owner: Id): boolean {
    const holder = this.holders.get(number);
    if (number < this.low || number > this.high || (holder !== undefined && holder !== owner)) {
      return false;
    }
    this.holders.set(number, owner);
    this.resting.delete(number);
    return true;
  }

  release(number: number, owner: Id, now: number): void {
    if (this.holders.get(number) === owner) {
      this.holders.delete(number);
      this.resting.set(number, now);
    }
  }

  holder(number: number): Id | undefined {
    return this.holders.get(number);
  }

  private wake(now: number): void {
    for (const [number, since] of this.resting) {
      if (now - since < NUMBER_REST_MS) {
        return;
      }
      this.resting.delete(number);
      this.floor = Math.min(this.floor, number);
    }
  }
}
