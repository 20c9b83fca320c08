// Reads the primitives of the Protocol Buffers encoding from one buffer. Whatever reaches beyond the end, or is no
// such thing, throws a RangeError that says what and shows no byte of it.

const TWO_32 = 2 ** 32;
/** Seven bits each: 64 bits take ten. */
const MAX_VARINT_BYTES = 10;

/** Source: the encoding guide of Protocol Buffers; groups (3 and 4) are of another age, and refused. */
export const WIRE = { varint: 0, fixed64: 1, length: 2, fixed32: 5 } as const;

export class WireReader {
  private readonly bytes: Buffer;
  /** Where the next byte is taken. */
  private at = 0;
  /** Where the message in hand ends. */
  private end: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** Enters a message inside this one; `leave` goes on after it. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.at + length;
    return outer;
  }

  leave(outer: number): void {
    this.end = outer;
  }

  /** The low 32 bits of a varint, never negative. */
  uint32(): number {
    const { bytes } = this;
    let value = 0;
    for (let shift = 0; shift < 7 * MAX_VARINT_BYTES; shift += 7) {
      const byte = this.byte(bytes);
      if (shift < 32) {
        value |= (byte & 0x7f) << shift;
      }
      if (byte < 0x80) {
        return value >>> 0;
      }
    }
    throw new RangeError('has a number without end');
  }

  /** A varint of 64 bits, which beyond 2^53 is not exact. @param signed by two's complement */
  int64(signed: boolean): number {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 7 * MAX_VARINT_BYTES; shift += 7) {
      const byte = this.byte(bytes);
      const bits = byte & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else {
        high |= bits << (shift - 32);
      }
      if (byte < 0x80) {
        return (signed ? high : high >>> 0) * TWO_32 + (low >>> 0);
      }
    }
    throw new RangeError('has a number without end');
  }

  double(): number {
    return this.bytes.readDoubleLE(this.pass(8));
  }

  text(): string {
    const length = this.length();
    const from = this.pass(length);
    return this.bytes.toString('utf8', from, from + length);
  }

  /** A part of the buffer itself. */
  part(): Buffer {
    const length = this.length();
    const from = this.pass(length);
    return this.bytes.subarray(from, from + length);
  }

  /** Passes over the value of a field that nobody knows. */
  skip(wireType: number): void {
    switch (wireType) {
      case WIRE.varint:
        this.uint32();
        return;
      case WIRE.fixed64:
        this.pass(8);
        return;
      case WIRE.length:
        this.pass(this.length());
        return;
      case WIRE.fixed32:
        this.pass(4);
        return;
      default:
        throw new RangeError(`has a field of wire type ${wireType}`);
    }
  }

  /** A length that the message in hand has room for. */
  private length(): number {
    const length = this.uint32();
    if (this.at + length > this.end) {
      throw cutOff();
    }
    return length;
  }

  private pass(length: number): number {
    const from = this.at;
    this.at += length;
    if (this.at > this.end) {
      throw cutOff();
    }
    return from;
  }

  private byte(bytes: Buffer): number {
    const byte = this.at < this.end ? bytes[this.at] : undefined;
    if (byte === undefined) {
      throw cutOff();
    }
    this.at += 1;
    return byte;
  }
}

function cutOff(): RangeError {
  return new RangeError('is cut off');
}
