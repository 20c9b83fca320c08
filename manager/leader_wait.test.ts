// What a caller notices of an election: nothing, unless it changes something at the wrong moment.
import { describe, expect, it } from 'vitest';
import { SkeinError } from '../shared/errors.ts';
import type { CallContext } from '../shared/protocol/peer.ts';
import { connectionLost, noLeader } from '../shared/rpc/errors.ts';
import { VirtualClock } from '../test/support/virtual_clock.ts';
import { waitingForLeader } from './leader_wait.ts';
import type { RaftStatus } from './raft/api.ts';

interface Books {
  listBooks(request: { readonly by: string }, context: CallContext): Promise<string>;
  addBook(request: { readonly by: string }, context: CallContext): Promise<string>;
}

const unary = { kind: 'unary', path: '', allow: [], timeoutMs: 1 } as const;
const codec = {
  encodeRequest: () => Buffer.alloc(0),
  decodeRequest: () => ({ by: '' }),
  encodeResponse: () => Buffer.alloc(0),
  decodeResponse: () => '',
};
const methods = { listBooks: { ...unary, ...codec }, addBook: { ...unary, ...codec } };

class FakeRaft {
  leaderId = 2;
  private readonly listeners = new Set<(status: RaftStatus) => void>();

  status(): RaftStatus {
    const rest = { role: 'follower', term: 1, committed: 1, applied: 1, members: [], active: [] } as const;
    return { raftId: 1, leaderId: this.leaderId, ...rest };
  }

  onStatus(listener: (status: RaftStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onLeadership(): () => void {
    return () => undefined;
  }

  name(leaderId: number): void {
    this.leaderId = leaderId;
    for (const listener of this.listeners) {
      listener(this.status());
    }
  }
}

/** Leader 2 never answers; leader 3 does. */
function house(atLeader2: (signal: AbortSignal) => Promise<string>) {
  const raft = new FakeRaft();
  const clock = new VirtualClock();
  const call = async (_: { readonly by: string }, { signal }: CallContext): Promise<string> =>
    raft.leaderId === 3 ? 'from 3' : await atLeader2(signal);
  const service = waitingForLeader<Books>(methods, { listBooks: call, addBook: call }, { raft, clock });
  return { raft, clock, service };
}

const context = (more: Partial<CallContext> = {}): CallContext => ({
  peer: { kind: 'local' },
  signal: new AbortController().signal,
  ...more,
});

/** As a call to a dead host is: silent until it is given up. */
function silent(signal: AbortSignal): Promise<string> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('a call that reads', () => {
  it('to a host that died is made again as soon as raft names another leader', async () => {
    const { raft, service } = house(silent);
    const answer = service.listBooks({ by: 'a' }, context());
    await Promise.resolve();
    raft.name(0);
    raft.name(3);
    expect(await answer).toBe('from 3');
  });

  it('whose connection broke is made again at the next leader', async () => {
    const { raft, service } = house(async () => {
      throw connectionLost('h1:2377', 'dropped');
    });
    const answer = service.listBooks({ by: 'a' }, context());
    await new Promise(setImmediate);
    raft.name(3);
    expect(await answer).toBe('from 3');
  });

  it('ends when its caller gives up', async () => {
    const { service } = house(silent);
    const caller = new AbortController();
    const answer = service.listBooks({ by: 'a' }, context({ signal: caller.signal }));
    caller.abort(new SkeinError('unavailable', 'cancelled', 'gave up'));
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that another manager passed on is not made again here', async () => {
    const { service } = house(async () => {
      throw connectionLost('h1:2377', 'dropped');
    });
    const answer = service.listBooks({ by: 'a' }, context({ forwarded: true }));
    await expect(answer).rejects.toMatchObject({ code: 'connection-lost' });
  });
});

describe('a call that changes something', () => {
  it('waits for a leader when there is none', async () => {
    const { raft, service } = house(async () => {
      throw noLeader();
    });
    const answer = service.addBook({ by: 'a' }, context());
    await new Promise(setImmediate);
    raft.name(3);
    expect(await answer).toBe('from 3');
  });

  it('is not made twice: it may have been carried out', async () => {
    const { service } = house(async () => {
      throw connectionLost('h1:2377', 'dropped');
    });
    await expect(service.addBook({ by: 'a' }, context())).rejects.toMatchObject({ code: 'connection-lost' });
  });
});
