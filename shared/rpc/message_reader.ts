// Puts messages together from the pieces in which HTTP/2 delivers them. Pieces are copied into the message's place at
// once: kept as objects until the message is whole, a byte costs 130 where each piece has one.
import { compressionRefused, messageTooLarge, readingTooMuch } from './errors.ts';

/** The memory that unfinished messages of one caller may take; shared by all its calls. */
export interface ReadBudget {
  /** False when the caller holds as much as it may. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Compression flag and length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const PREFIX_BYTES = 5;
const NO_BYTES = Buffer.alloc(0);

export class MessageReader {
  private readonly maxBytes: number;
  private readonly firstBytes: number;
  private readonly budget: ReadBudget;
  private readonly prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  private prefixFilled = 0;
  private message = NO_BYTES;
  private filled = 0;
  /** Bytes of the message; undefined until its prefix is whole. */
  private wanted: number | undefined;

  /** `firstBytes` is what a message costs at first, whatever length it claims; doubled whenever it is full. */
  constructor(
    dependencies: { readonly budget: ReadBudget },
    options: { readonly maxMessageBytes: number; readonly firstBytes: number },
  ) {
    this.budget = dependencies.budget;
    this.maxBytes = options.maxMessageBytes;
    this.firstBytes = options.firstBytes;
  }

  /** Whether a message has begun and not ended. */
  get isWithin(): boolean {
    return this.prefixFilled > 0;
  }

  /** The messages that these bytes complete. Throws `message-too-large`, `reading-too-much` or `compression-refused`. */
  write(data: Buffer): readonly Buffer[] {
    const whole: Buffer[] = [];
    let at = 0;
    while (at < data.length) {
      at += this.wanted === undefined ? this.readPrefix(data, at) : this.append(data, at, this.wanted);
      if (this.filled === this.wanted) {
        whole.push(this.message);
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
    this.wanted = undefined;
    this.prefixFilled = 0;
  }

  private readPrefix(data: Buffer, at: number): number {
    const copied = data.copy(this.prefix, this.prefixFilled, at, at + PREFIX_BYTES - this.prefixFilled);
    this.prefixFilled += copied;
    if (this.prefixFilled === PREFIX_BYTES) {
      const length = this.prefix.readUInt32BE(1);
      if (this.prefix[0] !== 0) {
        throw compressionRefused();
      }
      if (length > this.maxBytes) {
        throw messageTooLarge(`the message has ${length} bytes, this caller may send ${this.maxBytes}`);
      }
      this.wanted = length;
    }
    return copied;
  }

  /** Takes what the data has of the message from `at` on; returns how much that was. */
  private append(data: Buffer, at: number, wanted: number): number {
    const needed = Math.min(wanted, this.filled + data.length - at);
    if (needed > this.message.length) {
      this.grow(Math.min(wanted, Math.max(needed, 2 * this.message.length, this.firstBytes)));
    }
    const copied = data.copy(this.message, this.filled, at, at + needed - this.filled);
    this.filled = needed;
    return copied;
  }

  private grow(bytes: number): void {
    if (!this.budget.take(bytes - this.message.length)) {
      throw readingTooMuch();
    }
    const grown = Buffer.allocUnsafe(bytes);
    this.message.copy(grown, 0, 0, this.filled);
    this.message = grown;
  }
}
