// A binary heap: the least item first.

export class Heap<T> {
  private readonly items: T[];
  private readonly compare: (a: T, b: T) => number;

  /** Takes the items over, in linear time. @param compare negative when `a` comes first. */
  constructor(items: T[], compare: (a: T, b: T) => number) {
    this.items = items;
    this.compare = compare;
    for (let index = (items.length >> 1) - 1; index >= 0; index -= 1) {
      this.sink(index);
    }
  }

  get size(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.items.push(item);
    this.rise(this.items.length - 1);
  }

  pop(): T | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (last !== undefined && this.items.length > 0) {
      this.items[0] = last;
      this.sink(0);
    }
    return top;
  }

  private rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfBefore(index, parent)) {
        return;
      }
      index = parent;
    }
  }

  private sink(start: number): void {
    let index = start;
    while (true) {
      const left = 2 * index + 1;
      const right = left + 1;
      const least = this.isBefore(right, left) ? right : left;
      if (!this.swapIfBefore(least, index)) {
        return;
      }
      index = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const first = this.items[a];
    const second = this.items[b];
    return first !== undefined && second !== undefined && this.compare(first, second) < 0;
  }

  /** Exchanges two items when the first belongs before the second. */
  private swapIfBefore(a: number, b: number): boolean {
    const first = this.items[a];
    const second = this.items[b];
    if (first === undefined || second === undefined || this.compare(first, second) >= 0) {
      return false;
    }
    this.items[a] = second;
    this.items[b] = first;
    return true;
  }
}
