// One reader's subscription: which nodes it waits for, what each has sent, and when it is over. It is told
// what happens and pushes lines into its channel; connections are the broker's matter.
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import type { LogMessage, LogOptions, LogSelector, LogSubscription } from '../../shared/protocol/logs.ts';
import { LogChannel } from './channel.ts';

/** How long a node may be without connection, or leave an announcement unanswered, ms. */
export const NODE_WAIT_MS = 5_000;

interface Position {
  readonly timestamp: number;
  readonly nanos: number;
}

interface Source {
  /** One selected task of the node, for the line that tells of a failure. */
  readonly task: Task;
  state: 'waiting' | 'sending' | 'done';
  timer: Timer | undefined;
  /** Newest line of each task. */
  readonly newest: Map<Id, Position>;
  /** Lines up to here were seen before the connection broke. */
  seen: ReadonlyMap<Id, Position>;
}

export class Subscription {
  readonly id: Id;
  readonly selector: LogSelector;
  readonly channel = new LogChannel();
  private readonly clock: Clock;
  private readonly options: LogOptions;
  /** How the node is called in messages. */
  private readonly nameOf: (nodeId: Id) => string;
  private readonly sources = new Map<Id, Source>();

  constructor(
    dependencies: { readonly clock: Clock; readonly nameOf: (nodeId: Id) => string },
    request: { readonly id: Id; readonly selector: LogSelector; readonly options: LogOptions },
  ) {
    this.clock = dependencies.clock;
    this.nameOf = dependencies.nameOf;
    this.id = request.id;
    this.selector = request.selector;
    this.options = request.options;
  }

  get follows(): boolean {
    return this.options.follow;
  }

  get nodeIds(): Iterable<Id> {
    return this.sources.keys();
  }

  /** True while lines of this node are expected. */
  wants(nodeId: Id): boolean {
    const source = this.sources.get(nodeId);
    return source !== undefined && (source.state !== 'done' || this.follows);
  }

  has(nodeId: Id): boolean {
    return this.sources.has(nodeId);
  }

  /** The node has selected tasks; it has some seconds to begin. */
  expect(nodeId: Id, task: Task): void {
    const source: Source = { task, state: 'waiting', timer: undefined, newest: new Map(), seen: new Map() };
    this.sources.set(nodeId, source);
    this.wait(nodeId, source);
  }

  /** What to tell the node: after a broken connection only what came later. */
  announcement(nodeId: Id): LogSubscription {
    const source = this.sources.get(nodeId);
    const { id, selector, options } = this;
    if (source === undefined || source.newest.size === 0) {
      return { action: 'open', id, selector, options };
    }
    source.seen = new Map(source.newest);
    const since = Math.min(...[...source.newest.values()].map(({ timestamp }) => timestamp));
    return { action: 'open', id, selector, options: { ...options, tail: -1, since } };
  }

  begin(nodeId: Id): void {
    const source = this.sources.get(nodeId);
    if (source !== undefined) {
      source.timer?.cancel();
      source.state = 'sending';
    }
  }

  /** Passes the node's lines on; resolves when there is room for more, false when nobody reads any more. */
  async take(nodeId: Id, messages: readonly LogMessage[]): Promise<boolean> {
    const source = this.sources.get(nodeId);
    if (source === undefined) {
      return false;
    }
    const news = messages.filter((message) => {
      const seen = source.seen.get(message.taskId);
      return seen === undefined || isAfter(message, seen);
    });
    for (const { taskId, timestamp, nanos } of news) {
      source.newest.set(taskId, { timestamp, nanos });
    }
    return this.channel.push(news);
  }

  /** The connection broke: without `follow` that is the end of this node's part, else it may come back. */
  interrupt(nodeId: Id): void {
    const source = this.sources.get(nodeId);
    if (source === undefined || source.state === 'done') {
      return;
    }
    if (this.follows || source.state === 'waiting') {
      source.state = 'waiting';
      this.wait(nodeId, source);
    } else {
      this.finish(nodeId, 'the connection broke before all was sent');
    }
  }

  /** @param error why lines are missing; empty when all were sent */
  finish(nodeId: Id, error: string): void {
    const source = this.sources.get(nodeId);
    if (source === undefined || source.state === 'done') {
      return;
    }
    source.timer?.cancel();
    source.state = 'done';
    if (error !== '') {
      void this.channel.push([this.complaint(nodeId, source.task, error)]);
    }
    this.endIfComplete();
  }

  /** Ends the reading when no node is waited for. */
  endIfComplete(): void {
    if (!this.follows && [...this.sources.values()].every(({ state }) => state === 'done')) {
      this.channel.close();
    }
  }

  /** Nobody reads any more. */
  drop(): void {
    for (const source of this.sources.values()) {
      source.timer?.cancel();
    }
    this.sources.clear();
    this.channel.close();
  }

  private wait(nodeId: Id, source: Source): void {
    source.timer?.cancel();
    source.timer = this.clock.after(NODE_WAIT_MS, () => this.finish(nodeId, 'the node is not connected'));
  }

  private complaint(nodeId: Id, task: Task, error: string): LogMessage {
    const text = `error from node ${this.nameOf(nodeId)}: ${error}; its log lines are missing\n`;
    return {
      nodeId,
      serviceId: task.serviceId,
      taskId: task.id,
      timestamp: this.clock.now(),
      nanos: 0,
      stream: 'stderr',
      data: Buffer.from(text),
    };
  }
}

function isAfter(a: Position, b: Position): boolean {
  return a.timestamp > b.timestamp || (a.timestamp === b.timestamp && a.nanos > b.nanos);
}
