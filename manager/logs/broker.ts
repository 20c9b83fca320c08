// The log broker at the leader: a reader subscribes, the nodes that hold the logs are told, they publish, the
// reader gets the lines. Logs pass through; nothing of them is kept.
import type { Clock } from '../../shared/clock.ts';
import { newId } from '../../shared/ids.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import type {
  LogMessage,
  LogOptions,
  LogPublish,
  LogSelector,
  LogService,
  LogSubscription,
} from '../../shared/protocol/logs.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import type { Random } from '../../shared/random.ts';
import type { Store, StoreEvent } from '../store/api.ts';
import {
  badRequest,
  listenerReplaced,
  noSubscription,
  notAMember,
  notAnOperator,
  notLeader,
  tooManySubscriptions,
} from './errors.ts';
import { nodesOf, selects } from './selection.ts';
import { Subscription } from './subscription.ts';

/** Readers at once: each holds up to some megabytes. */
export const MAX_SUBSCRIPTIONS = 256;
/** Ids in one selector. */
const MAX_SELECTED = 10_000;
/** Announcements waiting for one node. */
const MAX_ANNOUNCEMENTS = 1_024;
/** Longest line passed on, bytes; the rest is cut (the runtime cuts at 16 KiB). */
const MAX_LINE_BYTES = 64 * 1024;

export interface LogBrokerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `host:port` of the leader as this manager knows it; empty when it knows none. */
  readonly leaderAddress: () => string;
}

/** Started when this manager becomes leader and stopped when it is not any more; may be started again. */
export class LogBroker implements LogService, Startable {
  private readonly dependencies: LogBrokerDependencies;
  private readonly store: Store;
  private readonly subscriptions = new Map<Id, Subscription>();
  private readonly listeners = new Map<Id, AsyncQueue<LogSubscription>>();
  private unwatch: (() => void) | undefined;

  constructor(dependencies: LogBrokerDependencies) {
    this.dependencies = dependencies;
    this.store = dependencies.store;
  }

  async start(): Promise<void> {
    this.unwatch ??= this.store.watch((event) => this.follow(event));
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    this.unwatch = undefined;
    const reason = notLeader(this.dependencies.leaderAddress());
    for (const subscription of this.subscriptions.values()) {
      subscription.channel.fail(reason);
      subscription.drop();
    }
    this.subscriptions.clear();
    for (const queue of this.listeners.values()) {
      queue.fail(reason);
    }
    this.listeners.clear();
  }

  async *subscribe(
    request: { readonly selector: LogSelector; readonly options: LogOptions },
    context: CallContext,
  ): AsyncGenerator<LogMessage, void, undefined> {
    this.requireLeader();
    const { peer, signal } = context;
    if (peer.kind !== 'local' && !(peer.kind === 'node' && peer.role === 'manager')) {
      throw notAnOperator();
    }
    const { serviceIds, taskIds, nodeIds } = request.selector;
    if (serviceIds.length + taskIds.length + nodeIds.length > MAX_SELECTED) {
      throw badRequest(`more than ${MAX_SELECTED} services, tasks and nodes`);
    }
    if (this.subscriptions.size >= MAX_SUBSCRIPTIONS) {
      throw tooManySubscriptions(MAX_SUBSCRIPTIONS);
    }
    const subscription = this.open(request);
    const onAbort = () => subscription.channel.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (!signal.aborted) {
        yield* subscription.channel;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.close(subscription);
    }
  }

  async *listen(context: CallContext): AsyncGenerator<LogSubscription, void, undefined> {
    this.requireLeader();
    const nodeId = this.requireMember(context);
    this.listeners.get(nodeId)?.fail(listenerReplaced());
    const queue = new AsyncQueue<LogSubscription>(MAX_ANNOUNCEMENTS);
    this.listeners.set(nodeId, queue);
    for (const subscription of this.subscriptions.values()) {
      if (subscription.wants(nodeId)) {
        queue.push(subscription.announcement(nodeId));
      }
    }
    const onAbort = () => queue.close();
    context.signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (!context.signal.aborted) {
        yield* queue;
      }
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      queue.close();
      if (this.listeners.get(nodeId) === queue) {
        this.listeners.delete(nodeId);
      }
    }
  }

  async publish(messages: AsyncIterable<LogPublish>, context: CallContext): Promise<void> {
    this.requireLeader();
    const nodeId = this.requireMember(context);
    let subscription: Subscription | undefined;
    try {
      for await (const message of messages) {
        if (subscription === undefined) {
          subscription = this.beginPublishing(message, nodeId);
        } else if (message.kind === 'messages') {
          if (!(await subscription.take(nodeId, this.accept(message.messages, nodeId, subscription)))) {
            return;
          }
        } else if (message.kind === 'done') {
          subscription.finish(nodeId, message.error);
          return;
        } else {
          throw badRequest('a stream belongs to one subscription');
        }
      }
    } finally {
      subscription?.interrupt(nodeId);
    }
  }

  private beginPublishing(message: LogPublish, nodeId: Id): Subscription {
    if (message.kind !== 'open') {
      throw badRequest('the first message must name the subscription');
    }
    const subscription = this.subscriptions.get(message.subscriptionId);
    if (subscription === undefined || !subscription.wants(nodeId)) {
      throw noSubscription(message.subscriptionId);
    }
    subscription.begin(nodeId);
    return subscription;
  }

  /** Lines of tasks that are the node's own and were asked for; who sent them is not the sender's word. */
  private accept(messages: readonly LogMessage[], nodeId: Id, subscription: Subscription): LogMessage[] {
    const accepted: LogMessage[] = [];
    for (const message of messages) {
      const task = this.store.view.get('task', message.taskId);
      if (task?.nodeId === nodeId && selects(subscription.selector, task)) {
        const data =
          message.data.length > MAX_LINE_BYTES ? message.data.subarray(0, MAX_LINE_BYTES) : message.data;
        accepted.push({ ...message, nodeId, serviceId: task.serviceId, data });
      }
    }
    return accepted;
  }

  private open(request: { readonly selector: LogSelector; readonly options: LogOptions }): Subscription {
    const id = newId(this.dependencies.random);
    const nameOf = (nodeId: Id) => this.store.view.get('node', nodeId)?.description?.hostname ?? nodeId;
    const subscription = new Subscription(
      { clock: this.dependencies.clock, nameOf },
      { id, selector: request.selector, options: request.options },
    );
    this.subscriptions.set(id, subscription);
    for (const [nodeId, task] of nodesOf(request.selector, this.store.view)) {
      this.ask(subscription, nodeId, task);
    }
    subscription.endIfComplete();
    return subscription;
  }

  private ask(subscription: Subscription, nodeId: Id, task: Task): void {
    subscription.expect(nodeId, task);
    const listener = this.listeners.get(nodeId);
    const state = this.store.view.get('node', nodeId)?.status.state;
    if (listener !== undefined) {
      listener.push(subscription.announcement(nodeId));
    } else if (state === undefined || state === 'down') {
      subscription.finish(nodeId, state === undefined ? 'the node was removed' : 'the node is down');
    }
  }

  private close(subscription: Subscription): void {
    this.subscriptions.delete(subscription.id);
    for (const nodeId of subscription.nodeIds) {
      this.listeners.get(nodeId)?.push({ action: 'close', id: subscription.id });
    }
    subscription.drop();
  }

  /** Tasks placed later belong to the readers that follow. */
  private follow(event: StoreEvent): void {
    const following = [...this.subscriptions.values()].filter(({ follows }) => follows);
    if (event.kind !== 'commit' || following.length === 0) {
      return;
    }
    for (const change of event.commit.changes) {
      if (change.table !== 'task' || change.action === 'remove') {
        continue;
      }
      const task = change.object;
      for (const subscription of following) {
        if (!subscription.has(task.nodeId) && selects(subscription.selector, task)) {
          this.ask(subscription, task.nodeId, task);
        }
      }
    }
  }

  private requireLeader(): void {
    if (this.unwatch === undefined) {
      throw notLeader(this.dependencies.leaderAddress());
    }
  }

  private requireMember(context: CallContext): Id {
    const { peer } = context;
    const [cluster] = this.store.view.all('cluster');
    if (
      peer.kind !== 'node' ||
      peer.clusterId !== cluster?.id ||
      cluster.revoked.some(({ nodeId }) => nodeId === peer.nodeId) ||
      this.store.view.get('node', peer.nodeId) === undefined
    ) {
      throw notAMember();
    }
    return peer.nodeId;
  }
}
