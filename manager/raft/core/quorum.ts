// Majorities: which index a majority has reached, and whether votes have won or lost. Pure arithmetic.

export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The highest value that a majority of voters has reached (Raft figure 2: "matchIndex[i] >= N"). 0 for no voters. */
export function reachedByMajority(values: readonly number[]): number {
  if (values.length === 0) {
    return 0;
  }
  const sorted = values.toSorted((a, b) => b - a);
  return sorted[majority(sorted.length) - 1] ?? 0;
}

export type VoteOutcome = 'won' | 'lost' | 'pending';

/** @param votes one per voter; undefined for one that has not answered. */
export function voteOutcome(votes: readonly (boolean | undefined)[]): VoteOutcome {
  const needed = majority(votes.length);
  const yes = votes.filter((vote) => vote === true).length;
  const no = votes.filter((vote) => vote === false).length;
  if (votes.length > 0 && yes >= needed) {
    return 'won';
  }
  return votes.length - no < needed ? 'lost' : 'pending';
}
