// Lets unary calls wait out an election: for a moment without a leader they are held back instead of failed.
import { SkeinError } from '../shared/errors.ts';
import { methodEntries } from '../shared/rpc/method_entries.ts';
import type { MethodTable } from '../shared/rpc/method.ts';
import type { RaftNode } from './raft/api.ts';

/** Somewhat longer than an election that needs two rounds (2 x 2 s). */
const ELECTION_WAIT_MS = 5_000;

/**
 * The same service; calls that fail with `no-leader`, and so were certainly not carried out, are made again
 * once raft names a leader, within ELECTION_WAIT_MS.
 */
export function waitingForLeader<Service extends object>(
  table: MethodTable<Service>,
  service: Service,
  raft: RaftNode,
): Service {
  const functions: Record<string, unknown> = {};
  for (const { name, method } of methodEntries(table)) {
    const call = (...args: readonly unknown[]): unknown => {
      const member: unknown = Reflect.get(service, name);
      return typeof member === 'function' ? Reflect.apply(member, service, args) : undefined;
    };
    functions[name] =
      method.kind === 'unary' ? (...args: readonly unknown[]) => retried(() => call(...args), raft) : call;
  }
  return functions as Service;
}

async function retried(call: () => unknown, raft: RaftNode): Promise<unknown> {
  const deadline = AbortSignal.timeout(ELECTION_WAIT_MS);
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof SkeinError) || error.code !== 'no-leader' || deadline.aborted) {
        throw error;
      }
      await leaderNamed(raft, deadline);
    }
  }
}

/** Resolves at the next word of a leader, or at the deadline. */
function leaderNamed(raft: RaftNode, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribeStatus();
      unsubscribeLeadership();
      deadline.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribeStatus = raft.onStatus((status) => {
      if (status.leaderId !== 0 && status.leaderId !== status.raftId) {
        done();
      }
    });
    const unsubscribeLeadership = raft.onLeadership((event) => {
      if (event.leader) {
        done();
      }
    });
    deadline.addEventListener('abort', done, { once: true });
  });
}
