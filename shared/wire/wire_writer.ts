// Writes the primitives of the Protocol Buffers encoding into one buffer that is used again and again: making a
// message leaves nothing behind but its bytes. Lengths are written once what they count is there.

const TWO_32 = 2 ** 32;
const FIRST_BYTES = 64 * 1024;
/** A buffer that one large message has made larger than this is not kept. */
const KEPT_BYTES = 1024 * 1024;
const MAX_VARINT_BYTES = 10;
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

export class WireWriter {
  private buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private at = 0;

  /** Begins a message. What an earlier one left, because it failed, is forgotten. */
  begin(): void {
    this.at = 0;
  }

  /** The bytes of the message. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafe(this.at);
    this.buffer.copy(bytes, 0, 0, this.at);
    if (this.buffer.length > KEPT_BYTES) {
      this.buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    }
    return bytes;
  }

  uint32(value: number): void {
    this.reserve(MAX_VARINT_BYTES);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.buffer[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.at++] = rest;
  }

  /** A whole number, negative ones by two's complement of 64 bits. */
  int64(value: number): void {
    if (value >= 0 && value < TWO_32) {
      this.uint32(value);
      return;
    }
    this.reserve(MAX_VARINT_BYTES);
    let high = Math.floor(value / TWO_32) >>> 0;
    let low = value >>> 0;
    while (high > 0 || low >= 0x80) {
      this.buffer[this.at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.buffer[this.at++] = low;
  }

  double(value: number): void {
    this.reserve(8);
    this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  text(value: string): void {
    this.reserve(MAX_VARINT_BYTES + BYTES_PER_CHARACTER * value.length);
    // Right for all that is ASCII.
    const room = varintBytes(value.length);
    this.at += room;
    const start = this.at;
    this.at += this.buffer.write(value, this.at, 'utf8');
    this.setLength(start, room);
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.reserve(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  /** Leaves room for the length of a message inside this one, and returns where that begins; to be `close`d with it. */
  open(): number {
    this.reserve(MAX_VARINT_BYTES);
    this.at += 1;
    return this.at;
  }

  close(start: number): void {
    this.setLength(start, 1);
  }

  /** Writes the length of what was written since `start` before it, where there is that much room. */
  private setLength(start: number, room: number): void {
    const length = this.at - start;
    const needed = varintBytes(length);
    if (needed !== room) {
      this.reserve(MAX_VARINT_BYTES);
      this.buffer.copyWithin(start + needed - room, start, this.at);
      this.at += needed - room;
    }
    let at = start - room;
    let rest = length;
    for (; rest >= 0x80; rest >>>= 7) {
      this.buffer[at++] = (rest & 0x7f) | 0x80;
    }
    this.buffer[at] = rest;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes > this.buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.buffer.length, this.at + bytes));
      this.buffer.copy(grown, 0, 0, this.at);
      this.buffer = grown;
    }
  }
}

/** Of a number below 2^28. */
function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}
