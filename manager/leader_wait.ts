// Lets unary calls wait out an election: for a moment without a leader they are held back instead of failed.
import type { Clock } from '../shared/clock.ts';
import { SkeinError } from '../shared/errors.ts';
import { methodEntries } from '../shared/rpc/method_entries.ts';
import type { MethodTable } from '../shared/rpc/method.ts';
import type { RaftNode } from './raft/api.ts';

/** Somewhat longer than an election that needs two rounds (2 x 2 s). */
const ELECTION_WAIT_MS = 5_000;

export interface LeaderWaitDependencies {
  readonly raft: RaftNode;
  readonly clock: Clock;
}

/**
 * The same service; calls that fail with `no-leader`, and so were certainly not carried out, are made again
 * once raft names a leader, within ELECTION_WAIT_MS.
 */
export function waitingForLeader<Service extends object>(
  table: MethodTable<Service>,
  service: Service,
  dependencies: LeaderWaitDependencies,
): Service {
  const functions: Record<string, unknown> = {};
  for (const { name, method } of methodEntries(table)) {
    const call = (...args: readonly unknown[]): unknown => {
      const member: unknown = Reflect.get(service, name);
      return typeof member === 'function' ? Reflect.apply(member, service, args) : undefined;
    };
    functions[name] =
      method.kind === 'unary'
        ? (...args: readonly unknown[]) => retried(() => call(...args), dependencies)
        : call;
  }
  return functions as Service;
}

async function retried(call: () => unknown, { raft, clock }: LeaderWaitDependencies): Promise<unknown> {
  const deadline = clock.monotonic() + ELECTION_WAIT_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const leftMs = deadline - clock.monotonic();
      if (!(error instanceof SkeinError) || error.code !== 'no-leader' || leftMs <= 0) {
        throw error;
      }
      await leaderNamed(raft, clock, leftMs);
    }
  }
}

/** Resolves at the next word of a leader, or when time is over. */
function leaderNamed(raft: RaftNode, clock: Clock, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribeStatus();
      unsubscribeLeadership();
      timer.cancel();
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
    const timer = clock.after(withinMs, done);
  });
}
