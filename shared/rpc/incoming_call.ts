// One call as HTTP/2 brings it: its messages in, its messages and its status out ("gRPC over HTTP2", the protocol's
// own description). It knows streams, frames and trailers, not who calls and not what the bytes mean.
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Writable } from 'node:stream';
import { messageTooLarge, requestIncomplete } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { MessageReader, PREFIX_BYTES } from './message_reader.ts';
import type { Admission } from './quota.ts';
import type { StatusWithTrailer } from './status.ts';

const HTTP_OK = 200;
const HTTP_UNSUPPORTED_MEDIA_TYPE = 415;
const CONTENT_TYPE = 'application/grpc';
const RESPONSE_HEADERS = { ':status': HTTP_OK, 'content-type': CONTENT_TYPE } as const;
const WITH_TRAILERS = { waitForTrailers: true } as const;
const LAST = { endStream: true } as const;
const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' };

export class IncomingCall {
  private readonly stream: ServerHttp2Stream;
  private readonly reader: MessageReader;
  private readonly admission: Admission;
  private state: 'open' | 'answered' | 'cancelled' = 'open';
  private trailers = OK_TRAILERS;
  private cancelListener: (() => void) | undefined;

  /** Takes a stream of which nothing was read yet; gives the admission back when the call ends. */
  constructor(stream: ServerHttp2Stream, admission: Admission) {
    this.stream = stream;
    this.admission = admission;
    this.reader = new MessageReader(admission, admission);
    stream.once('close', () => this.end('cancelled'));
    stream.on('wantTrailers', () => stream.sendTrailers(this.trailers));
  }

  /** The caller went away before it had its status. */
  get cancelled(): boolean {
    return this.state === 'cancelled';
  }

  /** Tells one listener, once, when the caller goes away before it has its status. */
  onCancelled(listener: () => void): void {
    this.cancelListener = listener;
  }

  // ---- in ----

  /** For a call with one message: gives it once the caller has said that it was all, or tells what is wrong. */
  receiveOne(onMessage: (bytes: Buffer) => void, onFailure: (error: unknown) => void): void {
    let message: Buffer | undefined;
    this.stream.on('data', (chunk: Buffer) => {
      if (this.state !== 'open') {
        return;
      }
      try {
        for (const next of this.reader.write(chunk)) {
          if (message !== undefined) {
            throw requestIncomplete('has more than its one message');
          }
          message = next;
        }
      } catch (error) {
        onFailure(error);
      }
    });
    this.stream.on('end', () => {
      // A stream that was reset ends too, in the middle of anything.
      if (this.isLive()) {
        if (message === undefined || this.reader.isWithin) {
          onFailure(requestIncomplete('ends before its message is whole'));
        } else {
          onMessage(message);
        }
      }
    });
  }

  /** For a call with many messages: reads no faster than they are taken. Leaving the loop leaves the call open. */
  async *messages(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.stream.iterator({ destroyOnReturn: false })) {
      yield* this.reader.write(chunk);
    }
    if (this.reader.isWithin) {
      throw requestIncomplete('ends within a message');
    }
  }

  // ---- out ----

  /** The one answer, and that the call went well. Throws `message-too-large`. */
  answer(message: Buffer): void {
    const bytes = framed(message);
    if (this.isLive()) {
      this.stream.respond(RESPONSE_HEADERS, WITH_TRAILERS);
      this.stream.end(bytes);
      this.end('answered');
    }
  }

  /** For a call with many answers: where to write them, each `framed`. To be ended, and then `finish`ed, when all went well. */
  open(): Writable {
    if (this.isLive()) {
      this.stream.respond(RESPONSE_HEADERS, WITH_TRAILERS);
    }
    return this.stream;
  }

  /** All answers are written. */
  finish(): void {
    this.end('answered');
  }

  /** Ends the call with a status that says why. What the caller still sends is thrown away. */
  refuse(status: StatusWithTrailer): void {
    if (!this.isLive()) {
      return;
    }
    if (this.stream.headersSent) {
      this.trailers = trailersOf(status);
      this.stream.end();
    } else {
      this.stream.respond({ ...RESPONSE_HEADERS, ...trailersOf(status) }, LAST);
    }
    this.stream.resume();
    this.end('answered');
  }

  /** Whether the caller can still be told anything. */
  private isLive(): boolean {
    return this.state === 'open' && !this.stream.closed && !this.stream.destroyed;
  }

  private end(how: 'answered' | 'cancelled'): void {
    if (this.state !== 'open') {
      return;
    }
    this.state = how;
    this.reader.release();
    this.admission.leave();
    if (how === 'cancelled') {
      this.cancelListener?.();
    }
  }
}

/** A message as it goes over the wire. Throws `message-too-large`. */
export function framed(message: Buffer): Buffer {
  if (message.length > MAX_MESSAGE_BYTES) {
    throw messageTooLarge(`the answer has ${message.length} bytes, at most ${MAX_MESSAGE_BYTES} can be sent`);
  }
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  message.copy(bytes, PREFIX_BYTES);
  return bytes;
}

/** Whether the stream means to be a gRPC call; others get HTTP's own answer. */
export function isGrpc(stream: ServerHttp2Stream, contentType: string | undefined): boolean {
  const is = contentType?.startsWith(CONTENT_TYPE) === true;
  if (!is) {
    stream.respond({ ':status': HTTP_UNSUPPORTED_MEDIA_TYPE }, LAST);
  }
  return is;
}

/** Ends a call that is not let in. */
export function turnAway(stream: ServerHttp2Stream, status: StatusWithTrailer): void {
  stream.respond({ ...RESPONSE_HEADERS, ...trailersOf(status) }, LAST);
  stream.resume();
}

function trailersOf({ code, details, trailer }: StatusWithTrailer): OutgoingHttpHeaders {
  return { 'grpc-status': String(code), 'grpc-message': encodeURI(details), ...trailer };
}
