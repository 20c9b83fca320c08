// How much one caller may have open on a server at once: calls, and memory of messages not yet read to their end.
// All strangers count as one caller, a worker by its node id over all its connections; managers are trusted.
import type { Peer } from '../protocol/peer.ts';
import { tooManyCalls, tooManyStrangerCalls } from './errors.ts';
import {
  MAX_CALLS_PER_WORKER,
  MAX_MESSAGE_BYTES,
  MAX_STRANGER_CALLS,
  MAX_STRANGER_MESSAGE_BYTES,
  MAX_UNREAD_BYTES_PER_WORKER,
} from './limits.ts';
import type { ReadBudget } from './message_reader.ts';

/** The right to one call; `leave` gives it back, once. */
export interface Admission {
  readonly maxMessageBytes: number;
  /** Memory that a message gets before its bytes have come. */
  readonly firstBytes: number;
  readonly budget: ReadBudget;
  leave(): void;
}

interface Account {
  calls: number;
  bytes: number;
}

interface Limits {
  readonly calls: number;
  readonly messageBytes: number;
  readonly unreadBytes: number;
  readonly refuse: () => Error;
}

/** Those who are not trusted get memory for what they sent, and little more. */
const FIRST_BYTES = 1024;
const STRANGERS = 'strangers';
const STRANGER_LIMITS: Limits = {
  calls: MAX_STRANGER_CALLS,
  messageBytes: MAX_STRANGER_MESSAGE_BYTES,
  unreadBytes: MAX_STRANGER_CALLS * MAX_STRANGER_MESSAGE_BYTES,
  refuse: () => tooManyStrangerCalls(MAX_STRANGER_CALLS),
};
const WORKER_LIMITS: Limits = {
  calls: MAX_CALLS_PER_WORKER,
  messageBytes: MAX_MESSAGE_BYTES,
  unreadBytes: MAX_UNREAD_BYTES_PER_WORKER,
  refuse: () => tooManyCalls(MAX_CALLS_PER_WORKER),
};
const UNLIMITED: Admission = {
  maxMessageBytes: MAX_MESSAGE_BYTES,
  // A manager's message gets its place at once, so that nothing of raft's is copied twice.
  firstBytes: MAX_MESSAGE_BYTES,
  budget: { take: () => true, give: () => undefined },
  leave: () => undefined,
};

export class CallerQuota {
  private readonly accounts = new Map<string, Account>();

  /** Opens a call for the peer of a connection. Throws `too-many-strangers` or `too-many-calls`. */
  enter(peer: Peer): Admission {
    if (peer.kind === 'stranger') {
      return this.open(STRANGERS, STRANGER_LIMITS);
    }
    return peer.kind === 'node' && peer.role === 'worker' ? this.open(peer.nodeId, WORKER_LIMITS) : UNLIMITED;
  }

  private open(key: string, limits: Limits): Admission {
    const account = this.accounts.get(key) ?? { calls: 0, bytes: 0 };
    if (account.calls >= limits.calls) {
      throw limits.refuse();
    }
    account.calls += 1;
    this.accounts.set(key, account);
    let isOpen = true;
    return {
      maxMessageBytes: limits.messageBytes,
      firstBytes: FIRST_BYTES,
      budget: {
        take: (bytes) => {
          const fits = account.bytes + bytes <= limits.unreadBytes;
          account.bytes += fits ? bytes : 0;
          return fits;
        },
        give: (bytes) => {
          account.bytes -= bytes;
        },
      },
      leave: () => {
        account.calls -= isOpen ? 1 : 0;
        isOpen = false;
        if (account.calls === 0) {
          this.accounts.delete(key);
        }
      },
    };
  }
}
