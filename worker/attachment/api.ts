// What the node's plain containers know of the cluster's networks: a container that is no task joins an attachable
// overlay network with addresses that the managers give, and leaves it. Their namespaces, interfaces and DNS are
// worker/network's, under the container's id; the containers' own life is none of this folder's business.
import type { NetworkAttachment } from '../../shared/model/endpoint.ts';
import type { AttachmentRefusal } from '../../shared/model/attachment.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import type { AgentMessage, StatusUpdate } from '../../shared/protocol/dispatcher.ts';

export interface ContainerNetwork {
  /** Id or name of an attachable overlay network. */
  readonly target: string;
  /** Names of the container on this network, besides its own and the first 12 characters of its id. */
  readonly aliases: readonly string[];
  /** Wished for; absent: any that is free. Without prefix length. */
  readonly address?: string;
  readonly address6?: string;
}

export interface ContainerAttachRequest {
  /** 64 hexadecimal digits. */
  readonly containerId: Id;
  /** Without the slash; answered by DNS on each of the networks. */
  readonly containerName: string;
  /** Overlay networks alone, each once; at least one. */
  readonly networks: readonly ContainerNetwork[];
}

/** A container has lost a network that it was on: the managers gave its address up while this node was away. */
export interface LostAttachment {
  readonly containerId: Id;
  readonly networkId: Id;
  readonly reason: string;
}

export interface ContainerAttachments {
  /**
   * Resolves once the managers gave addresses on all of the networks, in the request's order, and this node is
   * about to have their views (`NetworkPlane.attach` waits for those). All or nothing. A network that the container
   * is on already keeps its addresses, so that a second call adds networks to it (`network connect`). While the daemon
   * starts it waits for the node to take up its membership.
   * @throws SkeinError `not-in-a-swarm`, `network-not-found`, `not-attachable`, `address-taken`, `address-outside`,
   *   `no-free-address`, `too-many-attachments`, `bad-attachment`, `attachment-timeout` (30 s), the signal's reason
   */
  attach(request: ContainerAttachRequest, signal: AbortSignal): Promise<readonly NetworkAttachment[]>;
  /**
   * After `NetworkPlane.detach`: the addresses are free for others, the names go. Idempotent. Without a manager in
   * reach it is done all the same: they are told as soon as there is one.
   * @param networkId this one alone (`network disconnect`); absent: all
   */
  release(containerId: Id, networkId?: Id): Promise<void>;
  /**
   * After a restart of the daemon, once it is known which containers live: their attachments stay as they were
   * (see `attached`), those of all others that the last daemon left are released.
   */
  retain(containerIds: ReadonlySet<Id>): Promise<void>;
  /** What the container holds now; also right after a restart, without any manager. Empty when it is on none. */
  attached(containerId: Id): readonly NetworkAttachment[];
  /** The container's namespace is to leave the network, whose address may be another's by now. */
  onLost(listener: (lost: LostAttachment) => void): () => void;
}

export type AttachmentsMessage = AgentMessage & { readonly kind: 'attachments' };

/** The agent's side: what the node's containers hold, told to each leader in full and then as it changes. */
export interface AttachmentClaims {
  /** The node is in a cluster from now on, whether a manager is in reach or not. */
  enter(): void;
  /** The agent stops; what is held stays held. */
  exit(): void;
  /** The node leaves its cluster for good: everything is given back, and lost to the containers. */
  leave(): void;
  /** A session began: `send` is called with all claims, then with changes until `closed`. */
  opened(send: (message: AttachmentsMessage) => void): void;
  closed(): void;
  /** Tasks with `attachment` that were assigned; answers what is to be reported of them. */
  assigned(tasks: readonly Task[]): readonly StatusUpdate[];
  /** Tasks that are assigned no more; those that are still claimed are asked for again. */
  unassigned(isGone: (taskId: Id) => boolean): void;
  refused(refusals: readonly AttachmentRefusal[]): void;
}
