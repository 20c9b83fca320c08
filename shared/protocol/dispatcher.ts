// The one stream between an agent and the leader: session, heartbeats, assignments, status.
// The agent opens it and sends `register` first; a manager that does not lead refuses the stream with
// the error code `not-leader` and the leader's address in its data (`leaderAddress`).
import type { AttachmentClaim, AttachmentRefusal } from '../model/attachment.ts';
import type { Id } from '../model/meta.ts';
import type { NodeEncryption } from '../model/network_keys.ts';
import type { NodeAvailability, NodeDescription, NodeRole } from '../model/node.ts';
import type { Config, Secret } from '../model/secret.ts';
import type { Task, TaskStatus } from '../model/task.ts';
import type { NetworkView } from '../model/view.ts';
import type { CallContext } from './peer.ts';

export interface StatusUpdate {
  readonly taskId: Id;
  readonly status: TaskStatus;
}

export type AgentMessage =
  | {
      readonly kind: 'register';
      readonly description: NodeDescription;
      /** Underlay address for VXLAN. */
      readonly vtepAddress: string;
      /** Address the node advertises for everything else. */
      readonly address: string;
    }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'describe'; readonly description: NodeDescription }
  /** In the order the states happened; `sequence` grows by one per message and is acknowledged after commit. */
  | { readonly kind: 'status'; readonly sequence: number; readonly updates: readonly StatusUpdate[] }
  /** The kernel of this node now matches these versions. */
  | {
      readonly kind: 'views-applied';
      readonly views: readonly { readonly networkId: Id; readonly version: number }[];
    }
  /** A gap was seen: send a full set. */
  | { readonly kind: 'resync' }
  /** The node will leave the cluster: its tasks are to be moved first. */
  | { readonly kind: 'leaving' }
  /** How the node stands with the keys of encrypted networks. */
  | { readonly kind: 'encryption'; readonly encryption: NodeEncryption }
  /**
   * What the node's own containers hold on overlay networks. `complete`, once at the begin of a session: whatever else
   * the node held is released. Served by a task with `attachment` among the assignments, or refused.
   */
  | {
      readonly kind: 'attachments';
      readonly complete: boolean;
      readonly claims: readonly AttachmentClaim[];
      /** Ids of claims that ended. */
      readonly released: readonly Id[];
    }
  /** The last word: this node leaves the cluster. A stream that ends without it is a daemon that restarts. */
  | { readonly kind: 'farewell' };

export type AssignmentItem =
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'view'; readonly view: NetworkView };

export type AssignmentChange =
  | { readonly action: 'update'; readonly item: AssignmentItem }
  | { readonly action: 'remove'; readonly kind: AssignmentItem['kind']; readonly id: Id };

export interface ManagerPeer {
  readonly nodeId: Id;
  readonly address: string;
}

export type DispatcherMessage =
  | { readonly kind: 'registered'; readonly sessionId: Id; readonly heartbeatPeriodMs: number }
  /** Answers each heartbeat; carries the period to use from now on. */
  | { readonly kind: 'heartbeat'; readonly heartbeatPeriodMs: number }
  /** Sent after `registered` and whenever one of these changes. */
  | {
      readonly kind: 'session';
      readonly managers: readonly ManagerPeer[];
      /** Role the node should hold: a difference to its certificate makes it renew. */
      readonly desiredRole: NodeRole;
      readonly availability: NodeAvailability;
      readonly overlayIndex: number;
      readonly dataPathPort: number;
      readonly rootCertPem: string;
    }
  /**
   * `full` replaces everything; `increment` applies on top of the set numbered `base` and makes it
   * `sequence`. A base that is not the agent's own number is a gap. Removing a task from the set means:
   * end it and forget it.
   */
  | {
      readonly kind: 'assignments';
      readonly mode: 'full' | 'increment';
      readonly base: number;
      readonly sequence: number;
      readonly changes: readonly AssignmentChange[];
    }
  /** Every node has drained these tasks' endpoints: the stop signal may be sent. */
  | { readonly kind: 'drained'; readonly taskIds: readonly Id[] }
  | { readonly kind: 'status-ack'; readonly sequence: number }
  /** These claims are forgotten, whether they were held before or not. */
  | { readonly kind: 'attachments-refused'; readonly refusals: readonly AttachmentRefusal[] };

export interface DispatcherService {
  /** Ends when either side ends; throws SkeinError. */
  session(messages: AsyncIterable<AgentMessage>, context: CallContext): AsyncIterable<DispatcherMessage>;
}
