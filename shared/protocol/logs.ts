// Service logs: a client subscribes at the leader, the broker asks the agents, they publish.
import type { Id } from '../model/meta.ts';
import type { CallContext } from './peer.ts';

export interface LogSelector {
  readonly serviceIds: readonly Id[];
  readonly taskIds: readonly Id[];
  readonly nodeIds: readonly Id[];
}

export interface LogOptions {
  readonly follow: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Lines from the end per task; -1 for all. */
  readonly tail: number;
  /** Epoch ms; 0 for no bound. */
  readonly since: number;
  readonly until: number;
}

export interface LogMessage {
  readonly nodeId: Id;
  readonly serviceId: Id;
  readonly taskId: Id;
  /** Epoch milliseconds and the nanoseconds below them. */
  readonly timestamp: number;
  readonly nanos: number;
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/** Told to an agent: start or stop sending. */
export type LogSubscription =
  | { readonly action: 'open'; readonly id: Id; readonly selector: LogSelector; readonly options: LogOptions }
  | { readonly action: 'close'; readonly id: Id };

/** The first message names the subscription that the rest belongs to. */
export type LogPublish =
  | { readonly kind: 'open'; readonly subscriptionId: Id }
  | { readonly kind: 'messages'; readonly messages: readonly LogMessage[] }
  /** The node has nothing more to send (only without follow), or could not: `error` says why. */
  | { readonly kind: 'done'; readonly error: string };

export interface LogService {
  /** For operators. Ends after the last line, or at the caller's abort when following. */
  subscribe(
    request: { readonly selector: LogSelector; readonly options: LogOptions },
    context: CallContext,
  ): AsyncIterable<LogMessage>;
  /** For agents: the subscriptions that concern the calling node. */
  listen(context: CallContext): AsyncIterable<LogSubscription>;
  /** For agents. */
  publish(messages: AsyncIterable<LogPublish>, context: CallContext): Promise<void>;
}
