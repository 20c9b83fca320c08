// Between skeind and the manager process it starts: one JSON line in, JSON lines out. The manager ends
// when its standard input closes, so it never outlives its daemon.
import type { Id } from '../model/meta.ts';
import type { NodeAvailability } from '../model/node.ts';
import type { LogLevel } from '../log.ts';

/** A manager's heap beyond this is a leak: 100,000 tasks need about a tenth of it. */
const MAX_OLD_SPACE_MIB = 4096;
/**
 * What calls on their way hold should die before it is collected: with V8's default, half of this, collecting takes
 * a tenth more CPU time of each call under load. An idle manager's new space stays far below it.
 */
const MAX_SEMI_SPACE_MIB = 32;

/** Node's own arguments for the manager process. */
export const MANAGER_NODE_ARGUMENTS: readonly string[] = [
  `--max-old-space-size=${MAX_OLD_SPACE_MIB}`,
  `--max-semi-space-size=${MAX_SEMI_SPACE_MIB}`,
];

/** How the manager comes up. */
export type ManagerStart =
  /** A new cluster with this node as its first manager. */
  | {
      readonly kind: 'bootstrap';
      readonly availability: NodeAvailability;
      readonly hostname: string;
      readonly defaultAddressPool: readonly string[];
      readonly subnetSize: number;
      readonly dataPathPort: number;
      readonly settings: ClusterSettings;
    }
  /** A cluster from a backup, with this node as its only manager. */
  | {
      readonly kind: 'restore';
      /** The sealed file. */
      readonly file: string;
      readonly secret: { readonly kind: 'passphrase' | 'unlock-key'; readonly text: string };
      readonly availability: NodeAvailability;
    }
  /** Into a cluster that runs: one of these managers is asked. */
  | { readonly kind: 'join'; readonly managers: readonly string[] }
  | { readonly kind: 'restart'; readonly managers: readonly string[] }
  /** After the loss of the majority: this node alone goes on with everything it has. */
  | { readonly kind: 'force-new-cluster' };

/** What `swarm init` may set; absent means Swarm's default. */
export interface ClusterSettings {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taskHistoryRetentionLimit?: number;
  readonly snapshotInterval?: number;
  readonly keepOldSnapshots?: number;
  readonly heartbeatPeriodMs?: number;
  readonly nodeCertExpiryMs?: number;
  readonly autoLockManagers?: boolean;
}

export interface ManagerConfig {
  /** Raft's files live here. */
  readonly directory: string;
  readonly certificates: string;
  /** The daemon's way in. */
  readonly socket: string;
  readonly listenAddress: string;
  /** `host:port` told to the others. */
  readonly advertiseAddress: string;
  readonly logLevel: LogLevel;
  /** Base64 of what this manager's keys are sealed with; absent where autolock was never on. */
  readonly lockKey?: string;
  readonly start: ManagerStart;
}

export type ManagerReport =
  | { readonly event: 'ready'; readonly nodeId: Id }
  /** Autolock was turned on: the certificate's key is to be sealed with this (base64). May come before `ready`. */
  | { readonly event: 'lock'; readonly lockKey: string }
  /** It could not start, and ends after this. */
  | { readonly event: 'failed'; readonly code: string; readonly message: string }
  /** It was ready, cannot go on, and ends after this. */
  | { readonly event: 'ended'; readonly code: string; readonly message: string };
