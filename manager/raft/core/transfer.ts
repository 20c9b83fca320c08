// Leadership transfer (thesis 3.10): bring the target up to date, then tell it to stand at once. While it
// lasts no proposals are taken; it is given up after one election time-out.
import { sendAppends } from './sending.ts';
import type { RaftState } from './state.ts';
import { NOBODY, type RaftId } from './types.ts';

/** Leader only; returns false when the target cannot lead. */
export function startTransfer(state: RaftState, to: RaftId): boolean {
  if (!state.members.isVoter(to) || to === state.id) {
    return false;
  }
  if (state.transferee === to) {
    return true;
  }
  state.transferee = to;
  // The time-out of the transfer is one election time-out from now.
  state.electionElapsed = 0;
  if (!finishTransferIfCaughtUp(state, to)) {
    sendAppends(state, to);
  }
  return true;
}

export function finishTransferIfCaughtUp(state: RaftState, from: RaftId): boolean {
  const caughtUp = state.progress.get(from)?.match === state.log.lastIndex;
  if (state.role === 'leader' && state.transferee === from && caughtUp) {
    state.send(from, { kind: 'timeout-now' });
    return true;
  }
  return false;
}

export function abortTransfer(state: RaftState): void {
  state.transferee = NOBODY;
}
