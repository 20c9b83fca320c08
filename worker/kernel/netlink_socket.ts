// A netlink socket that belongs to one network namespace for its whole life. Requests are answered by
// the kernel at once, so calls are synchronous: many requests ride in one send, each with its own answer.
import { errnoName, kernelError } from './errors.ts';
import { check, lastErrno, raw } from './libc.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';
import {
  type Message,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLM_F,
  type Request,
  decodeError,
  decodeMessages,
  encodeMessage,
} from './netlink_message.ts';

export const NETLINK_ROUTE = 0;
export const NETLINK_XFRM = 6;
export const NETLINK_NETFILTER = 12;
export const NETLINK_GENERIC = 16;
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVTIMEO = 20;
/** The kernel answers within the send; a second of silence means that the answer was lost. */
const ANSWER_TIMEOUT_S = 1;
/** The largest datagram of a dump (the kernel packs up to 32 KiB) with room. */
const RECEIVE_BYTES = 64 * 1024;
/** Requests in one send: their acknowledgements (about 100 bytes, 768 accounted) must fit the receive buffer. */
const BATCH_MAX = 64;
const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** A dump of a changing table is flagged by the kernel; it is asked for again this often. */
const DUMP_ATTEMPTS = 5;

/** How one request of a batch ended: errno 0 is success. */
export interface Outcome {
  readonly request: Request;
  readonly errno: number;
  readonly reason: string;
}

export class NetlinkSocket {
  private readonly fd: number;
  private readonly buffer = Buffer.alloc(RECEIVE_BYTES);
  private sequence = 0;
  private closed = false;

  /** @param namespace where the socket lives; it can be used from anywhere afterwards */
  constructor(namespace: NamespaceRef, protocol: number) {
    this.fd = inNamespace(namespace, () =>
      check(raw.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), 'socket', `netlink ${protocol}`),
    );
    const option = (level: number, name: number, value: readonly number[]): void => {
      const bytes = Buffer.alloc(value.length * 4);
      value.forEach((word, index) => {
        bytes.writeInt32LE(word, index * 4);
      });
      check(
        raw.setsockopt(this.fd, level, name, bytes, bytes.length),
        'setsockopt',
        `netlink option ${name}`,
      );
    };
    option(SOL_NETLINK, NETLINK_CAP_ACK, [1]);
    option(SOL_NETLINK, NETLINK_EXT_ACK, [1]);
    option(SOL_SOCKET, SO_RCVBUF, [RECEIVE_BUFFER_BYTES]);
    // struct timeval of two 64-bit words.
    option(SOL_SOCKET, SO_RCVTIMEO, [ANSWER_TIMEOUT_S, 0, 0, 0]);
  }

  /** An open socket keeps its namespace alive: close it before the namespace shall go. */
  close(): void {
    if (!this.closed) {
      this.closed = true;
      raw.close(this.fd);
    }
  }

  /** Sends all, in order, and returns how each ended; a failed one does not stop the others. */
  attempt(requests: readonly Request[]): Outcome[] {
    const outcomes: Outcome[] = [];
    for (let start = 0; start < requests.length; start += BATCH_MAX) {
      outcomes.push(...this.attemptBatch(requests.slice(start, start + BATCH_MAX)));
    }
    return outcomes;
  }

  /**
   * Sends all; throws the error of the first that failed unless its errno is among `tolerated`.
   * The others were executed all the same.
   */
  execute(requests: readonly Request[], tolerated: readonly string[] = []): void {
    for (const { request, errno, reason } of this.attempt(requests)) {
      if (errno !== 0 && !tolerated.includes(errnoName(errno))) {
        throw kernelError('netlink', errno, request.label, reason);
      }
    }
  }

  /** Asks for a table, or one object when `flags` holds no DUMP; returns the answers' messages. */
  query(request: Request): Message[] {
    for (let attempt = 1; ; attempt += 1) {
      const { messages, interrupted } = this.queryOnce(request);
      if (!interrupted || attempt === DUMP_ATTEMPTS) {
        return messages;
      }
    }
  }

  private attemptBatch(requests: readonly Request[]): Outcome[] {
    const first = this.sequence + 1;
    const datagram = Buffer.concat(
      requests.map((request) => {
        this.sequence += 1;
        return encodeMessage({ ...request, flags: request.flags | NLM_F.ACK }, this.sequence);
      }),
    );
    const label = requests[0]?.label ?? 'nothing';
    check(raw.send(this.fd, datagram, datagram.length, 0), 'send', label);
    const outcomes: (Outcome | undefined)[] = requests.map(() => undefined);
    let missing = requests.length;
    while (missing > 0) {
      for (const message of this.receive(label)) {
        const index = message.sequence - first;
        const request = requests[index];
        if (message.type === NLMSG_ERROR && request !== undefined && outcomes[index] === undefined) {
          outcomes[index] = { request, ...decodeError(message) };
          missing -= 1;
        }
      }
    }
    return outcomes.filter((outcome) => outcome !== undefined);
  }

  private queryOnce(request: Request): { messages: Message[]; interrupted: boolean } {
    this.sequence += 1;
    const dump = (request.flags & NLM_F.DUMP) === NLM_F.DUMP;
    const flags = dump ? request.flags : request.flags | NLM_F.ACK;
    const datagram = encodeMessage({ ...request, flags }, this.sequence);
    check(raw.send(this.fd, datagram, datagram.length, 0), 'send', request.label);
    const messages: Message[] = [];
    let interrupted = false;
    while (true) {
      for (const message of this.receive(request.label)) {
        if (message.sequence !== this.sequence) {
          continue;
        }
        interrupted ||= (message.flags & NLM_F.DUMP_INTERRUPTED) !== 0;
        if (message.type === NLMSG_DONE) {
          return { messages, interrupted };
        }
        if (message.type !== NLMSG_ERROR) {
          messages.push({ ...message, payload: Buffer.from(message.payload) });
          continue;
        }
        const { errno, reason } = decodeError(message);
        if (errno !== 0) {
          throw kernelError('netlink', errno, request.label, reason);
        }
        return { messages, interrupted };
      }
    }
  }

  private receive(label: string): Message[] {
    const length = raw.recv(this.fd, this.buffer, this.buffer.length, 0);
    if (length < 0) {
      throw kernelError('recv', lastErrno(), label);
    }
    return decodeMessages(this.buffer.subarray(0, length));
  }
}
