// Lets unary calls wait out an election: for a moment without a leader they are held back instead of failed.
// A call that only reads does not wait for a leader that is lost either: it is made again at the next one.
import { ChildAbort } from '../shared/child_abort.ts';
import type { Clock } from '../shared/clock.ts';
import { SkeinError } from '../shared/errors.ts';
import { notLeader } from '../shared/rpc/errors.ts';
import { methodEntries } from '../shared/rpc/method_entries.ts';
import type { MethodTable } from '../shared/rpc/method.ts';
import type { CallContext } from '../shared/protocol/peer.ts';
import type { RaftNode, RaftStatus } from './raft/api.ts';

/** Somewhat longer than an election that needs two rounds (2 x 2 s). */
const ELECTION_WAIT_MS = 5_000;
/** A leader that cannot be reached may still be named as such: look again after this. */
const LOST_RETRY_MS = 200;
/** Errors of a call that may have been carried out: only a reading call is made again. */
const LOST_CODES: readonly string[] = ['connection-lost', 'unreachable', 'not-leader'];

export interface LeaderWaitDependencies {
  readonly raft: Pick<RaftNode, 'status' | 'onStatus' | 'onLeadership'>;
  readonly clock: Clock;
}

/**
 * The same service; calls that fail with `no-leader`, and so were certainly not carried out, are made again
 * once raft names a leader, within ELECTION_WAIT_MS. Calls whose names begin with `get` or `list` change
 * nothing: they are also made again when the leader they were passed to is lost or replaced meanwhile.
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
        ? (...args: readonly unknown[]) => {
            // What another manager passed on is its to repeat.
            const repeats = isReading(name) && (args.at(-1) as CallContext).forwarded !== true;
            return repeats
              ? retried(
                  () => unlessReplaced(call, args, dependencies.raft),
                  ['no-leader', ...LOST_CODES],
                  dependencies,
                )
              : retried(() => call(...args), ['no-leader'], dependencies);
          }
        : call;
  }
  return functions as Service;
}

function isReading(name: string): boolean {
  return /^(get|list)[A-Z]/.test(name);
}

async function retried(
  call: () => unknown,
  codes: readonly string[],
  { raft, clock }: LeaderWaitDependencies,
): Promise<unknown> {
  const deadline = clock.monotonic() + ELECTION_WAIT_MS;
  for (;;) {
    const asked = raft.status().leaderId;
    try {
      return await call();
    } catch (error) {
      const leftMs = deadline - clock.monotonic();
      if (!(error instanceof SkeinError) || !codes.includes(error.code) || leftMs <= 0) {
        throw error;
      }
      const { leaderId } = raft.status();
      if (leaderId !== 0 && leaderId !== asked) {
        continue;
      }
      await leaderNamed(raft, clock, error.code === 'no-leader' ? leftMs : Math.min(leftMs, LOST_RETRY_MS));
    }
  }
}

/**
 * The call, given up with `not-leader` once raft names another leader than at its beginning: a dead host
 * says nothing, and its connection is noticed seconds after the election.
 */
async function unlessReplaced(
  call: (...args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  raft: LeaderWaitDependencies['raft'],
): Promise<unknown> {
  const context = args.at(-1) as CallContext;
  const { leaderId: leader, raftId } = raft.status();
  if (leader === 0 || leader === raftId) {
    return await call(...args);
  }
  const replaced = new ChildAbort(context.signal);
  const follow = ({ leaderId }: RaftStatus): void => {
    if (leaderId !== 0 && leaderId !== leader) {
      replaced.abort(notLeader(''));
    }
  };
  const unsubscribe = raft.onStatus(follow);
  try {
    return await call(...args.slice(0, -1), { ...context, signal: replaced.signal });
  } catch (error) {
    throw replaced.signal.aborted && !context.signal.aborted ? replaced.signal.reason : error;
  } finally {
    unsubscribe();
    replaced.release();
  }
}

/** Resolves at the next word of a leader, or when time is over. */
function leaderNamed(raft: LeaderWaitDependencies['raft'], clock: Clock, withinMs: number): Promise<void> {
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
