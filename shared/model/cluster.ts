// The one Cluster object: cluster-wide settings, the CA's material and the join tokens.
import type { Annotations, Id, Meta } from './meta.ts';
import type { NetworkKeyring } from './network_keys.ts';

export interface ClusterSpec extends Annotations {
  readonly orchestration: { readonly taskHistoryRetentionLimit: number };
  readonly raft: {
    readonly snapshotInterval: number;
    readonly keepOldSnapshots: number;
    readonly logEntriesForSlowFollowers: number;
    readonly heartbeatTick: number;
    readonly electionTick: number;
  };
  readonly dispatcher: { readonly heartbeatPeriodMs: number };
  readonly ca: { readonly nodeCertExpiryMs: number; readonly forceRotate: number };
  readonly encryption: { readonly autoLockManagers: boolean };
  readonly taskDefaults: { readonly logDriver?: LogDriver };
}

export interface LogDriver {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface RootCa {
  readonly certPem: string;
  /** PKCS#8 PEM of the root key; only managers ever hold a Cluster object. */
  readonly keyPem: string;
  /** `sha256:<hex>` of the root certificate's PEM, the digest that join tokens carry. */
  readonly digest: string;
  readonly joinTokens: { readonly worker: string; readonly manager: string };
}

/** A certificate that is refused although it has not expired: its node was removed. */
export interface RevokedNode {
  readonly nodeId: Id;
  /** When the last certificate of the node has expired and the entry can be forgotten. */
  readonly expiresAt: number;
}

export interface Cluster {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: ClusterSpec;
  readonly rootCa: RootCa;
  readonly revoked: readonly RevokedNode[];
  /** CIDRs that overlay networks without an own subnet are cut from, and the length of such a cut. */
  readonly defaultAddressPool: readonly string[];
  readonly subnetSize: number;
  /** UDP port of VXLAN; fixed at `swarm init`. */
  readonly dataPathPort: number;
  /** `SWMKEY-1-…`, under which the managers' keys are sealed; empty without autolock. Only managers hold it. */
  readonly unlockKey: string;
  /** Of encrypted networks; absent until the first. Never leaves the managers but in the views of such networks. */
  readonly networkKeys?: NetworkKeyring;
}
