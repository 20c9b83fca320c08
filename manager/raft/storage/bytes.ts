// Plain little-endian fields in one buffer, for the records of raft's files. A reader refuses to read
// beyond the end, so a record that is intact but senseless fails instead of giving nonsense.

const TWO_32 = 2 ** 32;

export class ByteWriter {
  private readonly buffer: Buffer;
  private at = 0;

  /** @param size exactly what will be written, or more. */
  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  u8(value: number): this {
    this.at = this.buffer.writeUInt8(value, this.at);
    return this;
  }

  u32(value: number): this {
    this.at = this.buffer.writeUInt32LE(value, this.at);
    return this;
  }

  /** A whole number up to 2^53. */
  u64(value: number): this {
    this.buffer.writeUInt32LE(value % TWO_32, this.at);
    this.at = this.buffer.writeUInt32LE(Math.floor(value / TWO_32), this.at + 4);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text));
  }

  done(): Buffer {
    return this.buffer.subarray(0, this.at);
  }
}

export class ByteReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  u8(): number {
    return this.buffer.readUInt8(this.advance(1));
  }

  u32(): number {
    return this.buffer.readUInt32LE(this.advance(4));
  }

  u64(): number {
    const at = this.advance(8);
    const value = this.buffer.readUInt32LE(at) + this.buffer.readUInt32LE(at + 4) * TWO_32;
    if (!Number.isSafeInteger(value)) {
      throw new RangeError('a number beyond 2^53');
    }
    return value;
  }

  raw(length: number): Buffer {
    const at = this.advance(length);
    return this.buffer.subarray(at, at + length);
  }

  bytes(): Buffer {
    return this.raw(this.u32());
  }

  text(): string {
    return this.bytes().toString();
  }

  private advance(length: number): number {
    const at = this.at;
    if (at + length > this.buffer.length) {
      throw new RangeError('the record ends within a field');
    }
    this.at = at + length;
    return at;
  }
}
