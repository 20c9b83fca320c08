// Runs on the leader: applies the membership plan whenever a node or raft's status changes. Demotes by
// removing the member from raft first (the CA gives the worker certificate only after that).
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { ManagerStatus } from '../../shared/model/node.ts';
import type { RaftNode } from '../raft/api.ts';
import type { Store } from '../store/api.ts';
import { planMembership, type MembershipPlan } from './plan.ts';

export interface MembershipKeeperDependencies {
  readonly store: Store;
  readonly raft: RaftNode;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where members last said they are, by raft id: an address in the list of members is only a hint. */
  readonly heard?: () => ReadonlyMap<number, string>;
}

/** A removal that raft refused (it would lose the quorum) is tried again after this long. */
const RETRY_MS = 1_000;

export class MembershipKeeper implements Startable {
  private readonly dependencies: MembershipKeeperDependencies;
  private unsubscribe: (() => void)[] = [];
  private running: Promise<void> | undefined;
  private dirty = false;
  private stopped = true;
  private retry: Timer | undefined;

  constructor(dependencies: MembershipKeeperDependencies) {
    this.dependencies = dependencies;
  }

  async start(): Promise<void> {
    this.stopped = false;
    const { store, raft } = this.dependencies;
    this.unsubscribe = [
      raft.onStatus(() => this.wake()),
      store.watch((event) => {
        if (event.kind === 'restored' || event.commit.changes.some((change) => change.table === 'node')) {
          this.wake();
        }
      }),
    ];
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.retry?.cancel();
    for (const unsubscribe of this.unsubscribe) {
      unsubscribe();
    }
    this.unsubscribe = [];
    await this.running;
  }

  private wake(): void {
    this.dirty = true;
    if (this.running === undefined && !this.stopped) {
      this.running = this.run().finally(() => {
        this.running = undefined;
        if (this.dirty && !this.stopped && this.retry === undefined) {
          this.wake();
        }
      });
    }
  }

  private async run(): Promise<void> {
    while (this.dirty && !this.stopped) {
      this.dirty = false;
      try {
        await this.apply(this.plan());
      } catch (error) {
        this.dependencies.log.warn({ error: errorMessage(error) }, 'membership is not yet as it should be');
        this.retry ??= this.dependencies.clock.after(RETRY_MS, () => {
          this.retry = undefined;
          this.wake();
        });
        return;
      }
    }
  }

  private plan(): MembershipPlan {
    const { store, raft } = this.dependencies;
    const status = raft.status();
    if (status.role !== 'leader') {
      return { moves: [], statuses: [], removals: [] };
    }
    const nodes = new Map([...store.view.all('node')].map((node) => [node.id, node]));
    return planMembership(nodes, status, this.dependencies.heard?.());
  }

  private async apply(plan: MembershipPlan): Promise<void> {
    const { store, raft, log } = this.dependencies;
    if (plan.statuses.length > 0) {
      await store.update((tx) => {
        for (const { nodeId, status } of plan.statuses) {
          const node = tx.get('node', nodeId);
          if (node !== undefined) {
            const { managerStatus: previous, ...rest } = node;
            tx.update(
              'node',
              status === undefined ? rest : { ...rest, managerStatus: timed(status, previous, tx.now) },
            );
          }
        }
      });
    }
    for (const { raftId, nodeId, address } of plan.moves) {
      log.info({ nodeId, raftId, address }, 'a manager has another address');
      await raft.updateMemberAddress(raftId, address);
    }
    for (const removal of plan.removals) {
      if (removal.raftId === raft.status().raftId) {
        // The next leader removes this one: a leader never has to serve while it leaves.
        if (raft.status().members.filter((member) => !member.learner).length > 1) {
          await raft.transferLeadership();
          return;
        }
        continue;
      }
      log.info(
        { nodeId: removal.nodeId, raftId: removal.raftId, why: removal.why },
        'removing a manager from raft',
      );
      await raft.removeMember(removal.raftId);
    }
  }
}

/** With the time since which the member cannot be reached. */
function timed(status: ManagerStatus, previous: ManagerStatus | undefined, now: number): ManagerStatus {
  if (status.reachability !== 'unreachable') {
    return status;
  }
  return { ...status, unreachableSince: previous?.unreachableSince ?? now };
}
