// The window of append messages sent to one follower and not yet acknowledged: a ring bounded in
// messages and in bytes. It knows indexes and sizes, not messages.

interface Flight {
  readonly lastIndex: number;
  readonly bytes: number;
}

export class Inflights {
  private readonly ring: (Flight | undefined)[] = [];
  private readonly maxMessages: number;
  private readonly maxBytes: number;
  private start = 0;
  private length = 0;
  private heldBytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  get count(): number {
    return this.length;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  full(): boolean {
    return this.length >= this.maxMessages || this.heldBytes >= this.maxBytes;
  }

  add(lastIndex: number, bytes: number): void {
    this.ring[(this.start + this.length) % this.maxMessages] = { lastIndex, bytes };
    this.length += 1;
    this.heldBytes += bytes;
  }

  /** Forgets every message whose last index is at most `index`. */
  freeTo(index: number): void {
    while (this.length > 0) {
      const flight = this.ring[this.start];
      if (flight === undefined || flight.lastIndex > index) {
        return;
      }
      this.freeFirst(flight);
    }
  }

  reset(): void {
    this.start = 0;
    this.length = 0;
    this.heldBytes = 0;
  }

  private freeFirst(flight: Flight): void {
    this.ring[this.start] = undefined;
    this.start = (this.start + 1) % this.maxMessages;
    this.length -= 1;
    this.heldBytes -= flight.bytes;
  }
}
