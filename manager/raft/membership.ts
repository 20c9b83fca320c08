// The leader's calls that change who is a member or who leads: waits its turn behind an earlier change,
// guards the quorum, and waits for the outcome with a bound.
import type { Clock } from '../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { majority } from './core/quorum.ts';
import type { RaftCore } from './core/raft.ts';
import type { ConfigChange, Member, RaftId } from './core/types.ts';
import { membershipRefused, noQuorum, notLeader, quorumLoss, transferFailed } from './errors.ts';

/** A change needs two round trips and two disk writes; a learner's promotion may be before it. */
const CHANGE_TIMEOUT_MS = 10_000;
/** Changes and elections happen at this scale; nothing tells when the core takes a change again. */
const RETRY_MS = 20;
/** The core gives a transfer up after one election time-out (1 s); a little longer to see the outcome. */
const TRANSFER_TIMEOUT_MS = 3_000;

export interface MembershipHost {
  readonly clock: Clock;
  readonly core: () => RaftCore;
  /** Starts work on what the core was just given. */
  readonly kick: () => void;
  /** Resolves when the entry is applied here. */
  readonly follow: (index: number, term: number) => Promise<number>;
  /** Members heard from within an election time-out, this one included. */
  readonly active: () => readonly RaftId[];
  readonly leaderMember: () => Member | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export class MembershipChanges {
  private readonly host: MembershipHost;

  constructor(host: MembershipHost) {
    this.host = host;
  }

  async add(member: Omit<Member, 'learner'>): Promise<void> {
    const known = this.members().find((each) => each.raftId === member.raftId);
    if (known === undefined) {
      await this.change({ op: 'add-learner', member: { ...member, learner: true } });
    } else if (known.nodeId !== member.nodeId) {
      throw membershipRefused(`member ${member.raftId} is another node`);
    } else if (known.address !== member.address) {
      await this.updateAddress(member.raftId, member.address);
    }
  }

  async updateAddress(raftId: RaftId, address: string): Promise<void> {
    await this.change({ op: 'update-address', raftId, address });
  }

  async remove(raftId: RaftId, force: boolean): Promise<void> {
    if (!this.members().some((member) => member.raftId === raftId)) {
      this.requireLeader();
      return;
    }
    if (!force) {
      this.guardQuorum(raftId);
    }
    if (raftId === this.host.core().status().id) {
      // A leader that removes itself would leave an election behind: another leads first, and must be asked.
      await this.transfer(undefined);
      throw notLeader(this.host.leaderMember());
    }
    await this.change({ op: 'remove', raftId });
  }

  /** Hands leadership to a member, or to the voter that is furthest, and waits until another leads. */
  async transfer(to: RaftId | undefined): Promise<void> {
    const core = this.requireLeader();
    const target = to ?? this.bestSuccessor();
    if (target === undefined) {
      throw transferFailed('no other voter is reachable');
    }
    if (target === core.status().id) {
      return;
    }
    if (!core.transferLeader(target)) {
      throw transferFailed(`member ${target} is no voter`);
    }
    this.host.kick();
    const gone = await this.until(TRANSFER_TIMEOUT_MS, () => {
      const status = core.status();
      return status.role !== 'leader' || status.transferee !== target ? true : undefined;
    });
    const status = core.status();
    if (gone === undefined || status.role === 'leader') {
      throw transferFailed(`member ${target} did not take over in time`);
    }
    await this.until(TRANSFER_TIMEOUT_MS, () => (core.status().leader !== 0 ? true : undefined));
  }

  /** Hands leadership over if that works within the limit; resolves in any case. */
  async tryTransfer(limitMs: number): Promise<void> {
    const handedOver = this.transfer(undefined).catch((error) => {
      this.host.logger.warn({ error: errorMessage(error) }, 'leadership was not handed over before the end');
    });
    const limit = this.host.clock.sleep(limitMs, this.host.signal).catch(() => {
      // The node ends, which is what this waits for.
    });
    await Promise.race([handedOver, limit]);
  }

  private async change(change: ConfigChange): Promise<void> {
    let reason = '';
    const placed = await this.until(CHANGE_TIMEOUT_MS, () => {
      const result = this.requireLeader().proposeChange(change);
      if (result.ok) {
        return result;
      }
      if (result.reason !== 'change-pending' && result.reason !== 'transferring') {
        throw membershipRefused(result.reason);
      }
      reason = result.reason;
      return undefined;
    });
    if (placed === undefined) {
      throw noQuorum(`a change of managers (${reason})`, CHANGE_TIMEOUT_MS);
    }
    const applied = this.host.follow(placed.firstIndex, placed.term);
    this.host.kick();
    await applied;
  }

  /** Refuses when the voters that remain and are reachable would be no majority of those that remain. */
  private guardQuorum(raftId: RaftId): void {
    this.requireLeader();
    const active = new Set(this.host.active());
    const remaining = this.members().filter((member) => !member.learner && member.raftId !== raftId);
    const reachable = remaining.filter((member) => active.has(member.raftId)).length;
    const needed = majority(remaining.length);
    if (reachable < needed) {
      throw quorumLoss(reachable, remaining.length, needed);
    }
  }

  private bestSuccessor(): RaftId | undefined {
    const core = this.host.core();
    const self = core.status().id;
    const active = new Set(this.host.active());
    const matchOf = (id: RaftId): number => core.progress().get(id)?.match ?? 0;
    return this.members()
      .filter((member) => !member.learner && member.raftId !== self && active.has(member.raftId))
      .map((member) => member.raftId)
      .toSorted((a, b) => matchOf(b) - matchOf(a))[0];
  }

  private members(): readonly Member[] {
    return this.host.core().members();
  }

  private requireLeader(): RaftCore {
    const core = this.host.core();
    if (core.status().role !== 'leader') {
      throw notLeader(this.host.leaderMember());
    }
    return core;
  }

  /** Asks again and again, with a bound, until there is an answer; undefined when time ran out. */
  private async until<T>(timeoutMs: number, ask: () => T | undefined): Promise<T | undefined> {
    const { clock, signal } = this.host;
    const deadline = clock.monotonic() + timeoutMs;
    for (;;) {
      const answer = ask();
      if (answer !== undefined || clock.monotonic() >= deadline) {
        return answer;
      }
      if (signal.aborted) {
        throw new SkeinError('unavailable', 'raft-stopped', 'consensus on this manager has stopped');
      }
      await clock.sleep(RETRY_MS, signal);
    }
  }
}
