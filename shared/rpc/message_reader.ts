// Puts messages together from the pieces in which HTTP/2 delivers them. It takes the place of grpc-js' own decoder,
// which keeps every piece as an object until the message is whole: of pieces of one byte each, a byte costs 130.
import { SkeinError } from '../errors.ts';

/** The memory that unfinished messages of one caller may take; shared by all its calls. */
export interface ReadBudget {
  /** False when the caller holds as much as it may. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Compression flag and length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const PREFIX_BYTES = 5;
const NO_BYTES = Buffer.alloc(0);

export class MessageReader {
  private readonly maxBytes: number;
  private readonly firstBytes: number;
  private readonly budget: ReadBudget;
  private readonly prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  private prefixFilled = 0;
  private message = NO_BYTES;
  private filled = 0;
  /** Prefix and message; 0 until the prefix is whole. */
  private wanted = 0;

  /** `firstBytes` is what a message costs at first, whatever length it claims; doubled whenever it is full. */
  constructor(
    dependencies: { readonly budget: ReadBudget },
    options: { readonly maxMessageBytes: number; readonly firstBytes: number },
  ) {
    this.budget = dependencies.budget;
    this.maxBytes = options.maxMessageBytes;
    this.firstBytes = options.firstBytes;
  }

  /** The messages that these bytes complete, each with its prefix. Throws `message-too-large` or `reading-too-much`. */
  write(data: Buffer): Buffer[] {
    const whole: Buffer[] = [];
    let at = 0;
    while (at < data.length) {
      if (this.wanted === 0) {
        at += this.readPrefix(data, at);
      } else {
        const part = data.subarray(at, at + this.wanted - this.filled);
        this.append(part);
        at += part.length;
      }
      if (this.wanted > 0 && this.filled === this.wanted) {
        whole.push(this.message.subarray(0, this.wanted));
        this.release();
      }
    }
    return whole;
  }

  /** Forgets what is unfinished; to be called when the call ends. */
  release(): void {
    this.budget.give(this.message.length);
    this.message = NO_BYTES;
    this.filled = 0;
    this.wanted = 0;
    this.prefixFilled = 0;
  }

  private readPrefix(data: Buffer, at: number): number {
    const copied = data.copy(this.prefix, this.prefixFilled, at, at + PREFIX_BYTES - this.prefixFilled);
    this.prefixFilled += copied;
    if (this.prefixFilled === PREFIX_BYTES) {
      const length = this.prefix.readUInt32BE(1);
      if (length > this.maxBytes) {
        throw new SkeinError(
          'exhausted',
          'message-too-large',
          `the message has ${length} bytes, this caller may send ${this.maxBytes}`,
        );
      }
      this.wanted = PREFIX_BYTES + length;
      this.append(this.prefix);
    }
    return copied;
  }

  private append(part: Buffer): void {
    const needed = this.filled + part.length;
    if (needed > this.message.length) {
      this.grow(Math.min(this.wanted, Math.max(needed, 2 * this.message.length, this.firstBytes)));
    }
    part.copy(this.message, this.filled);
    this.filled = needed;
  }

  private grow(bytes: number): void {
    if (!this.budget.take(bytes - this.message.length)) {
      throw new SkeinError(
        'exhausted',
        'reading-too-much',
        'too many unfinished messages of this caller: let some be answered first',
      );
    }
    const grown = Buffer.allocUnsafe(bytes);
    this.message.copy(grown, 0, 0, this.filled);
    this.message = grown;
  }
}
