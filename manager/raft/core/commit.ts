// What is committed: a leader counts who holds what.
import { reachedByMajority } from './quorum.ts';
import { releaseEarlyReads } from './read_only.ts';
import type { RaftState } from './state.ts';
import { entryBytes } from './types.ts';

/** Commits what a majority holds, if it is of this term (Raft figure 8). */
export function maybeCommit(state: RaftState): boolean {
  const { log } = state;
  const reached = reachedByMajority(
    state.members.voters().map((id) => (id === state.id ? log.stable : (state.progress.get(id)?.match ?? 0))),
  );
  if (reached <= log.committed || log.termAt(reached) !== state.term) {
    return false;
  }
  const before = log.committed;
  log.commitTo(reached);
  if (log.hasConfigEntry(before, reached)) {
    state.urgentCommit = reached;
  }
  for (let index = before + 1; index <= reached && state.uncommittedBytes > 0; index += 1) {
    const entry = log.entryAt(index);
    state.uncommittedBytes = Math.max(
      0,
      state.uncommittedBytes - (entry === undefined ? 0 : entryBytes(entry)),
    );
  }
  releaseEarlyReads(state);
  return true;
}
