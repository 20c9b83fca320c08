// What the agent knows of networking on this node.
import type { Startable } from '../../shared/lifecycle.ts';
import type { DnsConfig } from '../../shared/model/container.ts';
import type { NetworkAttachment, PortConfig } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeEncryption } from '../../shared/model/network_keys.ts';
import type { NetworkView } from '../../shared/model/view.ts';

/** How this node appears on overlays; told when the session with the managers says so. */
export interface OverlayIdentity {
  readonly nodeId: Id;
  readonly overlayIndex: number;
  readonly vtepAddress: string;
  readonly dataPathPort: number;
}

export interface AttachRequest {
  readonly taskId: Id;
  readonly taskName: string;
  readonly hostname: string;
  /**
   * Overlays to join, in order. The ingress network carries the default route where there is one, else the
   * first that is not internal. Empty: outbound access only. The node's own networks `host`, `none` and
   * `bridge` come under their names.
   */
  readonly networks: readonly NetworkAttachment[];
  /** Host-mode ports; `published` 0 asks for a free one. */
  readonly hostPorts: readonly PortConfig[];
  readonly dns?: DnsConfig;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Of a container that outlived the daemon: who keeps the name server's sockets, as `Sandbox.keep` gave them. */
  readonly kept?: { readonly pid: number; readonly descriptors: readonly number[] };
}

export interface Sandbox {
  /** Path of the network namespace, for the OCI bundle; empty: the host's own. */
  readonly netnsPath: string;
  /** Content for the container's /etc/resolv.conf. */
  readonly resolvConf: string;
  /** Lines for /etc/hosts with the container's own addresses. */
  readonly hostsLines: readonly string[];
  /** Host-mode ports as bound. */
  readonly ports: readonly PortConfig[];
  /**
   * Descriptors of this process to be kept open by one that outlives it: questions then wait for the next daemon
   * instead of being refused. To be called at the moment of giving them; none when they can never be had again.
   */
  readonly keep?: () => readonly number[];
}

/** How an encrypted network reaches another node of it, tried a moment ago. */
export interface PeerReport {
  readonly nodeId: Id;
  readonly address: string;
  /** Of the key that this node sends with; 0: none. */
  readonly epoch: number;
  /** Packets that the kernel encrypted for, and decrypted of, the peer during the test. */
  readonly sent: number;
  readonly received: number;
  /** Of an echo inside the network; absent: none came back. */
  readonly roundTripMs?: number;
  /** Absent: both directions work, encrypted. */
  readonly problem?: string;
}

/** One network of this node (or, with id `host`, the host's side of all): what the kernel had otherwise than planned. */
export interface NetworkReport {
  readonly networkId: Id;
  readonly name: string;
  /** Of the view that the plan was made from; 0 when there is none. */
  readonly version: number;
  /** One line each, e.g. `put route unicast 10.0.1.5/32 …`; mended when told. */
  readonly differences: readonly string[];
  /** What stands in the network's way and is not skein's to mend, e.g. `no route to …`. */
  readonly problems: readonly string[];
  /** Of encrypted networks. */
  readonly peers?: readonly PeerReport[];
}

export interface NetworkPlane extends Startable {
  setIdentity(identity: OverlayIdentity): void;
  /** Newest wins; the kernel follows asynchronously and `onApplied` tells when it matches. */
  setView(view: NetworkView): void;
  /** The node takes no part any more; ends when the last local task is gone. */
  removeView(networkId: Id): void;
  /**
   * The managers have told everything: what the last daemon left of other networks goes. Until then it stays,
   * since a node without a replica may still lead callers to those of others.
   */
  retainViews(networkIds: ReadonlySet<Id>): Promise<void>;
  onApplied(listener: (networkId: Id, version: number) => void): () => void;
  /** How this node stands with the keys of encrypted networks: told now, and at each change. Never where it cannot. */
  onEncryption(listener: (encryption: NodeEncryption) => void): () => void;
  /** Makes the task's namespace; waits (bounded) for the views of its networks. Idempotent for a task id. */
  attach(request: AttachRequest, signal: AbortSignal): Promise<Sandbox>;
  /**
   * The task is about to be told to stop though nodes may still lead callers to it: from now on new ones get no answer
   * instead of a refusal. They ask again a second later, and are led elsewhere by then. What is connected stays so.
   */
  shut(taskId: Id): Promise<void>;
  /**
   * The task's processes have ended as they were told to: settles when what they wrote has reached their clients, or
   * after the limit. Until `detach` its endpoints keep their connections. No names are answered any more.
   */
  farewell(taskId: Id, limitMs: number): Promise<void>;
  detach(taskId: Id): Promise<void>;
  /**
   * After a restart: these live on (their sandboxes are taken up again, with DNS), others go.
   * @param concerns which ids the caller answers for: others stay as they are; absent: all
   */
  readopt(requests: readonly AttachRequest[], concerns?: (taskId: Id) => boolean): Promise<void>;
}
