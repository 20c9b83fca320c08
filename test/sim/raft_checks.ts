// The rules of Raft, checked from outside on the real cores after every event: what a core says of itself is compared
// with what all cores have ever said. Knows nothing of what the entries mean.
import type { AppliedEntry, StateMachine } from '../../manager/raft/api.ts';
import type { CoreStatus, RaftCore } from '../../manager/raft/core/raft.ts';
import type { Entry, RaftId } from '../../manager/raft/core/types.ts';
import { sortedJson } from './sorted_json.ts';
import { bytesHash, textHash, Violation, type World } from './world.ts';

/** Time after which nothing sent before a cut is on its way any more, ms. */
const QUIET_MS = 1_500;

interface Followed {
  /** The life of a process: what may not go back, goes back when it starts anew. */
  readonly core: RaftCore;
  status: CoreStatus;
  /** Terms of the entries that were checked, by index. */
  readonly terms: Map<number, number>;
  isolated: { readonly since: number; term: number | undefined } | undefined;
}

interface Seen {
  readonly content: number;
  readonly previousTerm: number | undefined;
}

export class RaftChecks {
  elections = 0;
  disruptions = 0;
  private readonly world: World;
  private readonly followed = new Map<string, Followed>();
  private readonly leaders = new Map<number, RaftId>();
  /** Every entry that any log held, by `index/term`. */
  private readonly entries = new Map<string, Seen>();
  /** What is committed, by index; filled from the first core that said so. */
  private readonly committed = new Map<number, { readonly term: number; readonly content: number }>();
  private highestCommitted = 0;
  private readonly applied = new Map<number, number>();

  constructor(world: World) {
    this.world = world;
  }

  get commits(): number {
    return this.highestCommitted;
  }

  /** @param name of the process; @param isolated whether nothing gets to or from its machine. */
  check(name: string, core: RaftCore, isolated: boolean): void {
    const status = core.status();
    const known = this.followed.get(name);
    const follow: Followed = known ?? { core, status, terms: new Map(), isolated: undefined };
    const before = known?.status;
    if (known === undefined) {
      this.followed.set(name, follow);
    }
    if (before !== undefined) {
      this.neverBack(name, before, status);
    }
    this.followLog(name, follow, status);
    if (before === undefined || status.committed > before.committed) {
      this.followCommits(name, core, before, status);
    }
    if (status.role === 'leader' && !(before?.role === 'leader' && before.term === status.term)) {
      this.followElection(name, core, status);
    }
    this.followIsolation(name, follow, core, status, isolated);
    follow.status = status;
  }

  forget(name: string): void {
    this.followed.delete(name);
  }

  /** Watches what a member hands to its state machine. */
  machine(name: string, inner: StateMachine): StateMachine {
    return {
      apply: (entry) => {
        this.checkApplied(name, entry);
        inner.apply(entry);
      },
      snapshot: () => inner.snapshot(),
      restore: (index, chunks) => {
        const known = this.committed.has(index) || index <= this.highestCommitted;
        if (!known) {
          this.violate('state-machine-safety', `${name} restores entry ${index}, which nobody committed`);
        }
        return inner.restore(index, chunks);
      },
    };
  }

  private neverBack(name: string, before: CoreStatus, now: CoreStatus): void {
    if (now.committed < before.committed) {
      this.violate(
        'commit-forward',
        `${name}: commit index went from ${before.committed} to ${now.committed}`,
      );
    }
    if (now.applied < before.applied || now.applied > now.committed) {
      this.violate('apply-committed', `${name}: applied ${now.applied}, committed ${now.committed}`);
    }
    if (now.term < before.term) {
      this.violate('term-forward', `${name}: term went from ${before.term} to ${now.term}`);
    }
    const changedVote = before.vote !== 0 && now.term === before.term && now.vote !== before.vote;
    if (changedVote) {
      this.violate('one-vote', `${name} voted for ${before.vote} and ${now.vote} in term ${now.term}`);
    }
  }

  /** Two logs with an entry of the same index and term are the same up to there. */
  private followLog(name: string, follow: Followed, status: CoreStatus): void {
    const { core, terms } = follow;
    for (let index = status.lastIndex; index >= status.firstIndex; index -= 1) {
      const term = core.termAt(index) ?? 0;
      if (terms.get(index) === term) {
        break;
      }
      terms.set(index, term);
      const entry = core.entries(index - 1, index)[0];
      if (entry !== undefined) {
        this.matchEntry(name, entry, index > status.firstIndex ? core.termAt(index - 1) : undefined);
      }
    }
  }

  private matchEntry(name: string, entry: Entry, previousTerm: number | undefined): void {
    const key = `${entry.index}/${entry.term}`;
    const content = contentOf(entry);
    const seen = this.entries.get(key);
    if (seen === undefined || (seen.previousTerm === undefined && previousTerm !== undefined)) {
      this.entries.set(key, { content, previousTerm });
    }
    if (seen === undefined) {
      return;
    }
    const sameBefore =
      seen.previousTerm === undefined || previousTerm === undefined || seen.previousTerm === previousTerm;
    if (seen.content !== content || !sameBefore) {
      this.violate('log-matching', `${name} has another entry ${entry.index} of term ${entry.term}`);
    }
  }

  private followCommits(
    name: string,
    core: RaftCore,
    before: CoreStatus | undefined,
    status: CoreStatus,
  ): void {
    const ledBefore = before?.role === 'leader' && before.term === status.term && status.role === 'leader';
    if (ledBefore && core.termAt(status.committed) !== status.term) {
      this.violate(
        'commit-own-term',
        `${name} commits entry ${status.committed} of an earlier term by counting`,
      );
    }
    for (const entry of core.entries(before?.committed ?? 0, status.committed)) {
      const content = contentOf(entry);
      const known = this.committed.get(entry.index);
      if (known === undefined) {
        this.committed.set(entry.index, { term: entry.term, content });
      } else if (known.term !== entry.term || known.content !== content) {
        this.violate('state-machine-safety', `${name} commits another entry ${entry.index}`);
      }
    }
    if (status.committed > this.highestCommitted) {
      this.highestCommitted = status.committed;
      this.leadersHold(status.committed, core.termAt(status.committed) ?? 0);
    }
  }

  /** Every leader of a later term has what is committed. */
  private leadersHold(index: number, term: number): void {
    for (const [name, { core, status }] of this.followed) {
      if (status.role === 'leader' && status.term > term && core.isLeader()) {
        this.completeness(name, core, core.status(), index);
      }
    }
  }

  private followElection(name: string, core: RaftCore, status: CoreStatus): void {
    const other = this.leaders.get(status.term);
    if (other !== undefined && other !== status.id) {
      this.violate('election-safety', `${name} and member ${other} both lead in term ${status.term}`);
    }
    if (other === undefined) {
      this.elections += 1;
      this.leaders.set(status.term, status.id);
      this.world.log(name, `leads in term ${status.term}`);
    }
    this.completeness(name, core, status, this.highestCommitted);
  }

  private completeness(name: string, core: RaftCore, status: CoreStatus, upTo: number): void {
    for (let index = upTo; index >= status.firstIndex && index > 0; index -= 1) {
      const known = this.committed.get(index);
      if (known === undefined || known.term > status.term) {
        continue;
      }
      if (core.termAt(index) !== known.term) {
        this.violate(
          'leader-completeness',
          `${name} leads in term ${status.term} without entry ${index} of term ${known.term}`,
        );
      }
      // What is before a matching entry matches too.
      return;
    }
  }

  /** Cut off from all others nobody can win a pre-vote, so its term stands still. */
  private followIsolation(
    name: string,
    follow: Followed,
    core: RaftCore,
    status: CoreStatus,
    isolated: boolean,
  ): void {
    const voters = core.members().filter((member) => !member.learner).length;
    if (!isolated || voters < 2) {
      follow.isolated = undefined;
      return;
    }
    follow.isolated ??= { since: this.world.now, term: undefined };
    const { since, term } = follow.isolated;
    if (this.world.now - since < QUIET_MS) {
      return;
    }
    if (term === undefined) {
      follow.isolated.term = status.term;
    } else if (status.term > term) {
      this.disruptions += 1;
      this.violate('pre-vote', `${name} is cut off and raised its term from ${term} to ${status.term}`);
    }
  }

  private checkApplied(name: string, entry: AppliedEntry): void {
    const content = bytesHash(entry.data);
    const known = this.applied.get(entry.index);
    if (known !== undefined && known !== content) {
      this.violate('state-machine-safety', `${name} applies another entry ${entry.index}`);
    }
    this.applied.set(entry.index, content);
    const core = this.followed.get(name)?.core;
    if (core !== undefined && core.status().committed < entry.index) {
      this.violate('apply-committed', `${name} applies entry ${entry.index}, which is not committed there`);
    }
  }

  private violate(rule: string, message: string): void {
    this.world.violate(new Violation(rule, message));
  }
}

function contentOf(entry: Entry): number {
  switch (entry.kind) {
    case 'noop':
      return 1;
    case 'data':
      return bytesHash(entry.data);
    case 'config':
      return textHash(sortedJson(entry.change));
  }
}
