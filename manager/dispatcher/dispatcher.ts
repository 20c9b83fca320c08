// The dispatcher: sessions of all agents at the leader. It opens and ends them, reads what agents say, and
// hands it to the part named for it: `distribution` tells sessions what changed, `liveness` knows who is
// silent, the writers write. It decides nothing about tasks.
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { AgentMessage, DispatcherMessage, DispatcherService } from '../../shared/protocol/dispatcher.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { Random } from '../../shared/random.ts';
import { KEEPALIVE_TIMEOUT_MS } from '../../shared/rpc/limits.ts';
import type { Store } from '../store/api.ts';
import { AttachmentDesk } from './attachment_desk.ts';
import { Distribution } from './distribution.ts';
import {
  badMessage,
  heartbeatLost,
  nodeRemoved,
  notLeader,
  registerTimeout,
  sessionFlooded,
  sessionReplaced,
} from './errors.ts';
import {
  DEFAULT_CEILING_MS,
  heartbeatPeriodMs,
  jittered,
  Liveness,
  MISSED_PERIODS,
  RESTART_GRACE_MS,
} from './heartbeat.ts';
import {
  writeDescription,
  writeDown,
  writeEncryption,
  writeLeaving,
  writeReady,
  writeUnknown,
} from './node_writer.ts';
import { Orphans } from './orphans.ts';
import {
  checkDescription,
  checkEncryption,
  checkRegister,
  RegistrationRate,
  requireMember,
} from './registration.ts';
import { Session } from './session.ts';
import { clusterOf } from './session_info.ts';
import { StatusWriter } from './status_writer.ts';

/** A write of a node's state that failed is made again after this. */
const DOWN_RETRY_MS = 500;
/** An opened stream must say who it is within this. */
const REGISTER_TIMEOUT_MS = 5_000;
/** Task reports in one message (Swarm's batch). */
const MAX_UPDATES_PER_MESSAGE = 1_024;
/** Views in one acknowledgement: more than a node can have networks. */
const MAX_VIEWS_PER_MESSAGE = 4_096;

export interface DispatcherDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `host:port` of the leader as this manager knows it; empty when it knows none. */
  readonly leaderAddress: () => string;
  /** Of raft's members, as this manager knows them. */
  readonly managerAddresses: () => readonly string[];
  /** True when the kernel of the host answers at the address, whatever its daemon does. Absent: not asked. */
  readonly hostLives?: (address: string) => Promise<boolean>;
}

/** What exists only while this manager leads. */
interface Reign {
  readonly distribution: Distribution;
  readonly orphans: Orphans;
  readonly statuses: StatusWriter;
  readonly attachments: AttachmentDesk;
}

/** Started when this manager becomes leader and stopped when it is not any more; may be started again. */
export class Dispatcher implements DispatcherService, Startable {
  private readonly dependencies: DispatcherDependencies;
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly sessions = new Map<Id, Session>();
  private readonly liveness: Liveness;
  private readonly rate: RegistrationRate;
  private reign: Reign | undefined;
  /** Nodes that this leader has heard nothing of yet: their silence may be that of a restarting daemon. */
  private readonly unheard = new Set<Id>();

  constructor(dependencies: DispatcherDependencies) {
    this.dependencies = dependencies;
    this.store = dependencies.store;
    this.clock = dependencies.clock;
    this.rate = new RegistrationRate(dependencies.clock);
    this.liveness = new Liveness({ clock: dependencies.clock, onLost: (nodeId) => this.lose(nodeId) });
  }

  /** Nodes that were ready must call in within three periods; until then they are `unknown`. */
  async start(): Promise<void> {
    if (this.reign !== undefined) {
      return;
    }
    const { clock, logger, store, random } = this.dependencies;
    const orphans = new Orphans({ store, clock, logger });
    this.reign = {
      orphans,
      statuses: new StatusWriter({ store, clock, logger }),
      attachments: new AttachmentDesk({ store, random, clock, sessions: this.sessions }),
      distribution: new Distribution({
        store,
        clock,
        logger,
        sessions: this.sessions,
        onRemoved: (nodeId) => this.evict(nodeId),
        onNodeState: (nodeId, node) => orphans.follow(nodeId, node),
      }),
    };
    const nodes = [...store.view.all('node')];
    const graceMs = MISSED_PERIODS * this.periodMs();
    for (const node of nodes) {
      if (node.status.state === 'down') {
        orphans.watch(node.id, node.meta.updatedAt);
      } else if (node.status.state !== 'disconnected' && node.description !== undefined) {
        this.liveness.expect(node.id, graceMs);
        this.unheard.add(node.id);
      }
    }
    const ready = nodes.filter(({ status }) => status.state === 'ready').map(({ id }) => id);
    await writeUnknown(store, ready).catch((error: unknown) => {
      logger.warn({ error: errorMessage(error) }, 'nodes could not be marked as not heard of');
    });
  }

  async stop(): Promise<void> {
    const reign = this.reign;
    this.reign = undefined;
    if (reign === undefined) {
      return;
    }
    this.liveness.clear();
    this.unheard.clear();
    this.rate.clear();
    for (const session of this.sessions.values()) {
      session.queue.fail(this.notLeader());
    }
    this.sessions.clear();
    reign.attachments.stop();
    reign.orphans.stop();
    await Promise.all([reign.distribution.stop(), reign.statuses.stop()]);
  }

  async *session(
    messages: AsyncIterable<AgentMessage>,
    context: CallContext,
  ): AsyncGenerator<DispatcherMessage, void, undefined> {
    this.requireReign();
    const peer = requireMember(context, this.store.view);
    this.rate.admit(peer.nodeId);
    const iterator = messages[Symbol.asyncIterator]();
    const ready = checkRegister(await this.firstOf(iterator), peer);
    const reign = this.requireReign();
    const session = this.open(peer.nodeId);
    const onAbort = () => {
      this.spare(session);
      session.queue.close();
    };
    context.signal.addEventListener('abort', onAbort, { once: true });
    try {
      await writeReady(this.store, peer.nodeId, ready);
      reign.distribution.welcome(session);
      void this.read(session, iterator);
      yield* session.queue;
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      this.close(session);
    }
  }

  private notLeader(): SkeinError {
    const { leaderAddress, managerAddresses } = this.dependencies;
    return notLeader(leaderAddress(), managerAddresses());
  }

  private requireReign(): Reign {
    if (this.reign === undefined) {
      throw this.notLeader();
    }
    return this.reign;
  }

  private async firstOf(iterator: AsyncIterator<AgentMessage>): Promise<AgentMessage | undefined> {
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = this.clock.after(REGISTER_TIMEOUT_MS, () => reject(registerTimeout()));
    });
    try {
      const first = await Promise.race([iterator.next(), late]);
      return first.done === true ? undefined : first.value;
    } finally {
      timer?.cancel();
    }
  }

  private open(nodeId: Id): Session {
    this.sessions.get(nodeId)?.queue.fail(sessionReplaced());
    const session = new Session(newId(this.dependencies.random), nodeId, this.clock);
    this.sessions.set(nodeId, session);
    session.queue.push({ kind: 'registered', sessionId: session.id, heartbeatPeriodMs: this.heard(session) });
    return session;
  }

  /** The node keeps its time to come back; only its session is gone. */
  private close(session: Session): void {
    session.queue.close();
    if (this.sessions.get(session.nodeId) === session) {
      this.sessions.delete(session.nodeId);
    }
    this.reign?.distribution.dismiss(session);
  }

  /** The node leaves the cluster: it is down at once. */
  private bidFarewell(session: Session): void {
    session.hasLeft = true;
    if (this.sessions.get(session.nodeId) === session) {
      this.liveness.expect(session.nodeId, 0);
    }
  }

  /**
   * The node's stream ended without a farewell. Right after its last word, its daemon or kernel closed it: the host
   * lives, and the daemon has time to come back. A cut by our keepalive, of a host that says nothing, comes later than that.
   */
  private spare(session: Session): void {
    const silentMs = this.clock.monotonic() - session.heardAt;
    const isWatched =
      !session.hasLeft &&
      this.sessions.get(session.nodeId) === session &&
      this.liveness.isExpected(session.nodeId);
    if (isWatched && silentMs < KEEPALIVE_TIMEOUT_MS && RESTART_GRACE_MS > MISSED_PERIODS * this.periodMs()) {
      this.liveness.expect(session.nodeId, RESTART_GRACE_MS);
    }
  }

  private async read(session: Session, iterator: AsyncIterator<AgentMessage>): Promise<void> {
    try {
      while (true) {
        const next = await iterator.next();
        if (next.done === true || this.sessions.get(session.nodeId) !== session) {
          break;
        }
        session.spend();
        this.receive(session, next.value);
      }
      this.spare(session);
      session.queue.close();
    } catch (error) {
      session.queue.fail(error);
      this.dependencies.logger.debug({ node: session.nodeId, error: errorMessage(error) }, 'a session broke');
    }
  }

  private receive(session: Session, message: AgentMessage): void {
    const reign = this.requireReign();
    const heartbeatPeriodMs = this.heard(session);
    switch (message.kind) {
      case 'register':
        throw badMessage('a session registers once');
      case 'heartbeat':
        session.queue.push({ kind: 'heartbeat', heartbeatPeriodMs });
        return;
      case 'describe':
        checkDescription(message.description);
        writeDescription(this.store, session.nodeId, message.description).catch((error: unknown) =>
          session.queue.fail(error),
        );
        return;
      case 'status':
        this.receiveStatus(reign, session, message);
        return;
      case 'views-applied':
        if (message.views.length > MAX_VIEWS_PER_MESSAGE) {
          throw badMessage(`more than ${MAX_VIEWS_PER_MESSAGE} views in one message`);
        }
        reign.distribution.noteApplied(session, message.views);
        return;
      case 'resync':
        reign.distribution.resync(session);
        return;
      case 'leaving':
        writeLeaving(this.store, session.nodeId).catch((error: unknown) => session.queue.fail(error));
        return;
      case 'encryption':
        checkEncryption(message.encryption);
        writeEncryption(this.store, session.nodeId, message.encryption).catch((error: unknown) =>
          session.queue.fail(error),
        );
        return;
      case 'attachments':
        reign.attachments.receive(session, message);
        return;
      case 'farewell':
        this.bidFarewell(session);
        return;
    }
  }

  private receiveStatus(
    reign: Reign,
    session: Session,
    { sequence, updates }: AgentMessage & { readonly kind: 'status' },
  ): void {
    if (updates.length > MAX_UPDATES_PER_MESSAGE) {
      throw badMessage(`more than ${MAX_UPDATES_PER_MESSAGE} reports in one message`);
    }
    const isTaken = reign.statuses.add(session.nodeId, updates, (error) => {
      if (error === undefined) {
        session.queue.push({ kind: 'status-ack', sequence });
      } else {
        session.queue.fail(error);
      }
    });
    if (!isTaken) {
      throw sessionFlooded('too many reports of all nodes wait to be written');
    }
  }

  /** Moves the node's deadline on; answers the period it is to keep. */
  private heard(session: Session): number {
    this.unheard.delete(session.nodeId);
    const period = jittered(this.periodMs(), this.dependencies.random);
    session.heardAt = this.clock.monotonic();
    this.liveness.expect(session.nodeId, MISSED_PERIODS * period);
    return period;
  }

  private periodMs(): number {
    const ceiling = clusterOf(this.store.view)?.spec.dispatcher.heartbeatPeriodMs ?? 0;
    return heartbeatPeriodMs(this.store.view.count('node'), ceiling > 0 ? ceiling : DEFAULT_CEILING_MS);
  }

  private lose(nodeId: Id): void {
    const { hostLives, logger } = this.dependencies;
    if (hostLives === undefined || !this.unheard.delete(nodeId)) {
      this.giveUp(nodeId);
      return;
    }
    // No session, so no stream that was closed: the host itself is asked once whether it lives.
    const { reign } = this;
    hostLives(this.store.view.get('node', nodeId)?.status.address ?? '')
      .catch((error: unknown) => {
        logger.warn({ node: nodeId, error: errorMessage(error) }, 'a silent node could not be probed');
        return false;
      })
      .then((lives) => {
        if (this.reign !== reign || this.liveness.isExpected(nodeId)) {
          return;
        }
        if (lives) {
          this.liveness.expect(nodeId, RESTART_GRACE_MS);
        } else {
          this.giveUp(nodeId);
        }
      })
      .catch((error: unknown) => {
        logger.error({ node: nodeId, error: errorMessage(error) }, 'a silent node could not be given up');
      });
  }

  private giveUp(nodeId: Id): void {
    this.sessions.get(nodeId)?.queue.fail(heartbeatLost());
    const isLost = () => this.reign !== undefined && !this.liveness.isExpected(nodeId);
    writeDown(this.store, nodeId, isLost).catch((error: unknown) => {
      this.dependencies.logger.warn(
        { node: nodeId, error: errorMessage(error) },
        'a lost node was not marked',
      );
      const isOver = error instanceof SkeinError && error.code === 'not-leader';
      if (isLost() && !isOver) {
        this.liveness.expect(nodeId, DOWN_RETRY_MS);
      }
    });
  }

  private evict(nodeId: Id): void {
    this.liveness.forget(nodeId);
    this.unheard.delete(nodeId);
    this.sessions.get(nodeId)?.queue.fail(nodeRemoved(nodeId));
  }
}
