// How a member comes to its first state: from its disk, as the founder of a group, as one that joins, or
// (after the loss of the majority) as the only one left of a group.
import { SkeinError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Entry, InitialState, Member, RaftId } from './core/types.ts';
import { Membership } from './core/membership.ts';
import type { ConsensusOptions } from './options.ts';
import type { RaftStorage } from './storage/storage.ts';

export async function openInitialState(
  storage: RaftStorage,
  logger: Logger,
  options: Pick<ConsensusOptions, 'first' | 'forceNewCluster'>,
): Promise<{ readonly raftId: RaftId; readonly initial: InitialState }> {
  const stored = await storage.load();
  if (stored === undefined) {
    const { raftId, members } = founding(options.first);
    return { raftId, initial: await storage.create(raftId, members) };
  }
  if (stored.torn !== undefined) {
    logger.warn({ ...stored.torn }, 'cut a write that was interrupted off the end of the log');
  }
  if (options.forceNewCluster !== true) {
    return stored;
  }
  const initial = aloneInGroup(stored.raftId, stored.initial);
  const from = stored.initial.entries.at(-1)?.index ?? stored.initial.snapshot.index;
  const added = initial.entries.filter((entry) => entry.index > from);
  await storage.write({ entries: added, hardState: initial.hardState, snapshot: undefined });
  return { raftId: stored.raftId, initial };
}

function founding(first: ConsensusOptions['first']): {
  readonly raftId: RaftId;
  readonly members: readonly Member[];
} {
  if (first.kind === 'bootstrap') {
    return { raftId: first.member.raftId, members: [{ ...first.member, learner: false }] };
  }
  // Whatever the list says, this member has no vote before the log tells it so.
  const members = first.members.map((member) =>
    member.raftId === first.raftId ? { ...member, learner: true } : member,
  );
  return { raftId: first.raftId, members };
}

/**
 * Ends the log with the removal of every other member and declares all of it committed. The entries that a
 * lost majority had not confirmed stay: they may have been acknowledged by the lost leader.
 */
export function aloneInGroup(raftId: RaftId, initial: InitialState): InitialState {
  const membership = new Membership(initial.snapshot.members);
  for (const entry of initial.entries) {
    if (entry.kind === 'config' && entry.index > initial.snapshot.index) {
      membership.apply(entry.change);
    }
  }
  if (membership.get(raftId) === undefined) {
    throw new SkeinError(
      'conflict',
      'not-a-member',
      'this manager was removed from its cluster before the majority was lost: force the new cluster on another one',
    );
  }
  const lastIndex = initial.entries.at(-1)?.index ?? initial.snapshot.index;
  const term = initial.hardState.term + 1;
  const others = membership.list().filter((member) => member.raftId !== raftId);
  const promotion = membership.isVoter(raftId) ? [] : [{ op: 'promote', raftId } as const];
  const changes = [
    ...promotion,
    ...others.map((member) => ({ op: 'remove', raftId: member.raftId }) as const),
  ];
  const added = changes.map(
    (change, at): Entry => ({ kind: 'config', term, index: lastIndex + 1 + at, change }),
  );
  return {
    ...initial,
    entries: [...initial.entries, ...added],
    hardState: { term, vote: raftId, commit: lastIndex + added.length },
  };
}
