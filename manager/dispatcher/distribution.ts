// What the sessions are told: follows the store's commits, notes whom each change concerns, and sends every
// session its changes, the cluster's facts and the word that tasks are drained. Work per commit is in
// proportion to what the commit changed. It knows no streams and writes nothing to the store.
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import { isTerminal, TASK_STATES } from '../../shared/model/task.ts';
import { PassLoop } from '../../shared/pass_loop.ts';
import type { Store, StoreChange, StoreEvent } from '../store/api.ts';
import { rejectionOf } from './attachment_claims.ts';
import { Drains } from './drains.ts';
import { Marks } from './node_set.ts';
import type { Session } from './session.ts';
import { clusterOf, managersOf, sessionInfo } from './session_info.ts';
import { Views } from './views.ts';

/** Changes gather for so long after a flush: twenty-odd view updates a second in the worst storm. */
const FLUSH_GAP_MS = 40;
const FLUSH_RETRY_MS = 200;
/** How soon a slow agent is looked at again. */
const BACKLOG_RETRY_MS = 100;

export interface DistributionDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The open sessions by node; the dispatcher adds and takes away. */
  readonly sessions: ReadonlyMap<Id, Session>;
  /** The node was removed, or its certificate is refused from now on. */
  readonly onRemoved: (nodeId: Id) => void;
  /** The node's state is down (or it is not, or it is gone: undefined). */
  readonly onNodeState: (nodeId: Id, node: Node | undefined) => void;
}

export class Distribution {
  private readonly dependencies: DistributionDependencies;
  private readonly store: Store;
  private readonly sessions: ReadonlyMap<Id, Session>;
  private readonly views: Views;
  private readonly drains: Drains;
  private readonly loop: PassLoop;
  private readonly unwatch: () => void;
  /**
   * Of the newest commit seen since this manager leads; 0 before the first. Nothing is told before it: only
   * with it are view versions above all that an earlier leader told (each registration is a commit).
   */
  private storeVersion = 0;
  /** Sessions that have something to send, and those that must be told of the cluster again. */
  private readonly dirty = new Set<Session>();
  private readonly uninformed = new Set<Session>();
  private drainsTouched = true;
  private backlogTimer: Timer | undefined;

  /** Follows the store from now on, until `stop`. */
  constructor(dependencies: DistributionDependencies) {
    const { clock, logger, store, sessions } = dependencies;
    this.dependencies = dependencies;
    this.store = store;
    this.sessions = sessions;
    this.views = new Views(store);
    this.drains = new Drains({
      versionOf: (networkId) => this.views.versionOf(networkId),
      lowestApplied: (networkId) => this.lowestApplied(networkId),
    });
    for (const state of TASK_STATES.filter(isTerminal)) {
      for (const task of store.view.tasksByDesiredState(state)) {
        this.drains.follow(task.id, task);
      }
    }
    this.loop = new PassLoop(
      { clock, log: logger, pass: async () => this.flush() },
      { gapMs: FLUSH_GAP_MS, retryMs: FLUSH_RETRY_MS },
    );
    this.unwatch = store.watch((event) => this.follow(event));
  }

  async stop(): Promise<void> {
    this.unwatch();
    this.backlogTimer?.cancel();
    await this.loop.stop();
  }

  /** The session's node is ready: it gets everything. */
  welcome(session: Session): void {
    session.isReady = true;
    this.uninformed.add(session);
    this.resync(session);
  }

  /** The session sends a full set next. */
  resync(session: Session): void {
    session.resync();
    this.dirty.add(session);
    this.loop.wake();
  }

  /** The session has ended: nobody waits for it any more. */
  dismiss(session: Session): void {
    this.dirty.delete(session);
    this.uninformed.delete(session);
    this.drainsTouched = true;
    this.loop.wake();
  }

  /** The node's kernel matches these versions. */
  noteApplied(
    session: Session,
    views: readonly { readonly networkId: Id; readonly version: number }[],
  ): void {
    for (const { networkId, version } of views) {
      // What the node was not told to have needs no memory here.
      if (this.views.recipients(networkId).has(session.nodeId)) {
        session.applied.set(networkId, version);
      }
    }
    if (this.drains.isWaiting) {
      this.drainsTouched = true;
      this.loop.wake();
    }
  }

  private follow(event: StoreEvent): void {
    if (event.kind === 'restored') {
      this.views.markAll();
      for (const session of this.sessions.values()) {
        session.resync();
        this.dirty.add(session);
        this.uninformed.add(session);
      }
    } else {
      this.storeVersion = event.commit.version;
      for (const change of event.commit.changes) {
        this.views.follow(change);
        this.followChange(change);
      }
    }
    this.loop.wake();
  }

  private followChange(change: StoreChange): void {
    switch (change.table) {
      case 'task': {
        const { object: task } = change;
        this.drains.follow(task.id, change.action === 'remove' ? undefined : task);
        this.drainsTouched ||= isTerminal(task.desiredState);
        this.refuse(change);
        this.mark(task.nodeId, (marks) => marks.tasks.add(task.id));
        if (change.action === 'update' && change.previous.nodeId !== task.nodeId) {
          this.mark(change.previous.nodeId, (marks) => marks.tasks.add(task.id));
        }
        return;
      }
      case 'secret':
        for (const task of this.store.view.tasksBySecret(change.object.id)) {
          this.mark(task.nodeId, (marks) => marks.secrets.add(change.object.id));
        }
        return;
      case 'config':
        for (const task of this.store.view.tasksByConfig(change.object.id)) {
          this.mark(task.nodeId, (marks) => marks.configs.add(change.object.id));
        }
        return;
      case 'node':
        this.followNode(change);
        return;
      case 'cluster':
        for (const { nodeId } of change.object.revoked) {
          this.dependencies.onRemoved(nodeId);
        }
        this.informAll();
        return;
      default:
        return;
    }
  }

  /** The allocator could not serve a claim. */
  private refuse(change: StoreChange & { readonly table: 'task' }): void {
    if (change.action === 'update' && change.previous.status.state !== 'rejected') {
      this.sessions.get(change.object.nodeId)?.refuse(rejectionOf(change.object));
    }
  }

  private followNode(change: StoreChange & { readonly table: 'node' }): void {
    const { object: node } = change;
    const before = change.action === 'update' ? change.previous : undefined;
    this.dependencies.onNodeState(node.id, change.action === 'remove' ? undefined : node);
    if (change.action === 'remove') {
      this.dependencies.onRemoved(node.id);
    }
    if (change.action === 'remove' || before?.managerStatus?.address !== node.managerStatus?.address) {
      this.informAll();
      return;
    }
    const session = this.sessions.get(node.id);
    if (session !== undefined) {
      this.uninformed.add(session);
    }
  }

  private informAll(): void {
    for (const session of this.sessions.values()) {
      this.uninformed.add(session);
    }
  }

  private mark(nodeId: Id, set: (marks: Marks) => void): void {
    const session = this.sessions.get(nodeId);
    if (session !== undefined) {
      set(session.marks);
      this.dirty.add(session);
    }
  }

  /** Builds what was touched, tells who is concerned. Synchronous: one state of the store for all. */
  private flush(): void {
    if (this.storeVersion === 0) {
      return;
    }
    if (this.views.isDirty) {
      for (const { networkId, nodeIds } of this.views.rebuild(this.storeVersion)) {
        for (const nodeId of nodeIds) {
          this.mark(nodeId, (marks) => marks.views.add(networkId));
        }
        this.drainsTouched = true;
      }
    }
    this.inform();
    for (const session of this.dirty) {
      if (session.isReady && this.send(session)) {
        this.dirty.delete(session);
      }
    }
    this.tellDrained();
    if (this.dirty.size > 0 && this.backlogTimer === undefined) {
      this.backlogTimer = this.dependencies.clock.after(BACKLOG_RETRY_MS, () => {
        this.backlogTimer = undefined;
        this.loop.wake();
      });
    }
  }

  private inform(): void {
    const cluster = clusterOf(this.store.view);
    if (this.uninformed.size === 0 || cluster === undefined) {
      return;
    }
    const managers = managersOf(this.store.view);
    for (const session of this.uninformed) {
      const node = this.store.view.get('node', session.nodeId);
      if (session.isReady && node !== undefined) {
        session.tell(sessionInfo(node, cluster, managers));
        this.uninformed.delete(session);
      }
    }
  }

  private send(session: Session): boolean {
    const { nodeId, needsFull } = session;
    const sources = {
      view: this.store.view,
      viewFor: (networkId: Id) => this.views.viewFor(nodeId, networkId),
    };
    const isSent = session.flush(sources, () => {
      const all = new Marks();
      for (const { id } of this.store.view.tasksByNode(nodeId)) {
        all.tasks.add(id);
      }
      for (const networkId of this.views.networksOf(nodeId)) {
        all.views.add(networkId);
      }
      return all;
    });
    if (isSent && needsFull) {
      const taskIds = this.drains.drainedOn(nodeId);
      if (taskIds.length > 0) {
        session.queue.push({ kind: 'drained', taskIds });
      }
    }
    return isSent;
  }

  private tellDrained(): void {
    if (!this.drainsTouched) {
      return;
    }
    this.drainsTouched = false;
    const byNode = new Map<Id, Id[]>();
    for (const { nodeId, taskId } of this.drains.settle()) {
      byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), taskId]);
    }
    for (const [nodeId, taskIds] of byNode) {
      this.sessions.get(nodeId)?.queue.push({ kind: 'drained', taskIds });
    }
  }

  private lowestApplied(networkId: Id): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const nodeId of this.views.recipients(networkId)) {
      const session = this.sessions.get(nodeId);
      if (session !== undefined) {
        lowest = Math.min(lowest, session.applied.get(networkId) ?? 0);
      }
    }
    return lowest;
  }
}
