// This node as a member of a cluster: who it is, what it remembers of the managers, and the agent and certificate
// keeper that act on what they say. When it begins and ends, and where a manager runs, is the node's business.
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { CurrentIdentity, type Identity } from '../../shared/identity/identity.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { NetworkReport } from '../../worker/network/api.ts';
import { CertificateKeeper, type Renewals } from './certificate_keeper.ts';
import type { IdentityStore } from './identity_store.ts';
import { addressesOf, type NodeState, type StateFile } from './state_file.ts';

/** What the agent tells of its session with the managers. */
export interface SessionNews {
  readonly desiredRole: NodeRole;
  readonly managers: readonly ManagerPeer[];
}

export interface AgentHandle extends Startable {
  onSession(listener: (news: SessionNews) => void): () => void;
  /** Compares this node's networks with their plans, mends, and tells. */
  checkNetworks(): Promise<readonly NetworkReport[]>;
  /** Has this node's tasks moved to others, as far as the managers can, before it leaves. */
  handOver(): Promise<void>;
  /** Instead of `stop`: ends every task, takes the networks down and forgets both. */
  leave(): Promise<void>;
}

export interface MembershipDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly renewals: Renewals;
  readonly createAgent: (identity: CurrentIdentity, state: NodeState) => AgentHandle;
  readonly identities: Pick<IdentityStore, 'save'>;
  readonly file: Pick<StateFile, 'save'>;
  /** This node's role is to be taken up, or taken up anew (see the keeper). */
  readonly onRole: (role: NodeRole) => Promise<void>;
}

/** How long init and join wait for the node's first session with the leader. */
const FIRST_SESSION_MS = 5_000;

export class Membership implements Startable {
  readonly identity: CurrentIdentity;
  private readonly on: MembershipDependencies;
  private readonly agent: AgentHandle;
  private readonly keeper: CertificateKeeper;
  private current: NodeState;
  private known: Promise<void> = Promise.resolve();

  constructor(
    dependencies: MembershipDependencies,
    options: { readonly identity: Identity; readonly state: NodeState },
  ) {
    const { clock, log, renewals, createAgent, identities, onRole } = dependencies;
    this.on = dependencies;
    this.identity = new CurrentIdentity(options.identity);
    this.current = options.state;
    this.agent = createAgent(this.identity, options.state);
    this.keeper = new CertificateKeeper(
      {
        clock,
        log,
        renewals,
        identity: this.identity,
        save: (renewed) => identities.save(renewed),
        managers: () => addressesOf(this.current),
        onRole,
      },
      { listed: this.lists(options.state.managers) },
    );
  }

  get state(): NodeState {
    return this.current;
  }

  get role(): NodeRole {
    return this.identity.get().role;
  }

  get nodeId(): string {
    return this.identity.get().nodeId;
  }

  async start(): Promise<void> {
    this.known = new Promise((resolve) => {
      this.agent.onSession((news) => {
        resolve();
        this.follow(news);
      });
    });
    await this.agent.start();
    this.keeper.start();
  }

  /** Certificates are not renewed any more, and no role is taken up. */
  holdRole(): void {
    this.keeper.stop();
  }

  async stop(): Promise<void> {
    this.keeper.stop();
    await this.agent.stop();
  }

  /** Has this node's tasks moved to others before it leaves. */
  handOver(): Promise<void> {
    return this.agent.handOver();
  }

  /** Instead of `stop`: the managers are told that this node goes for good, and its tasks end. */
  async leave(): Promise<void> {
    this.keeper.stop();
    await this.agent.leave();
  }

  checkNetworks(): Promise<readonly NetworkReport[]> {
    return this.agent.checkNetworks();
  }

  /** A node that has just entered is shown as ready by the next command, as Docker's is; a slow leader holds nobody up. */
  async untilKnown(): Promise<void> {
    const limit = new AbortController();
    const wait = this.on.clock.sleep(FIRST_SESSION_MS, limit.signal).catch(() => undefined);
    await Promise.race([this.known, wait]);
    limit.abort();
  }

  /** @throws when it cannot be written down */
  async setState(state: NodeState): Promise<void> {
    this.current = state;
    await this.on.file.save(state);
  }

  private lists(managers: readonly ManagerPeer[]): boolean {
    return managers.some(({ nodeId }) => nodeId === this.nodeId);
  }

  private follow({ managers, desiredRole }: SessionNews): void {
    if (managers.length > 0 && JSON.stringify(managers) !== JSON.stringify(this.current.managers)) {
      this.setState({ ...this.current, managers }).catch((error: unknown) => {
        this.on.log.warn({ error: errorMessage(error) }, 'cannot write down the managers');
      });
    }
    // A list that is empty says nothing: the leader has not written the first managers down yet.
    const listed = managers.length === 0 || this.lists(managers);
    this.keeper.noteDesiredRole(desiredRole, listed);
  }
}
