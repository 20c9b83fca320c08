// The calls on the cluster object: settings, join tokens and the unlock key. The root's key never leaves.
import type { Cluster, ClusterSpec } from '../../shared/model/cluster.ts';
import type { ControlService } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { ReadView } from '../store/api.ts';
import type { CallRunner } from './context.ts';
import { invalid, notFound, notSupported, outOfSequence, precondition } from './errors.ts';
import { checkLabels } from './names.ts';

/** A shorter life would have nodes renew without end (Swarm's bound). */
const MIN_CERT_EXPIRY_MS = 3_600_000;

export class ClusterCalls {
  private readonly calls: CallRunner;
  private readonly makeToken: (rootDigest: string) => string;
  private readonly makeUnlockKey: () => string;

  constructor(
    calls: CallRunner,
    make: { readonly token: (rootDigest: string) => string; readonly unlockKey: () => string },
  ) {
    this.calls = calls;
    this.makeToken = make.token;
    this.makeUnlockKey = make.unlockKey;
  }

  get(context: CallContext): Promise<Cluster> {
    return this.calls.read(context, (view) => visible(theCluster(view)));
  }

  async update(
    request: Parameters<ControlService['updateCluster']>[0],
    context: CallContext,
  ): Promise<Cluster> {
    const updated = await this.calls.writeObject(context, 'cluster', (tx) => {
      const cluster = theCluster(tx);
      if (cluster.meta.version !== request.version) {
        throw outOfSequence('cluster', cluster.id);
      }
      validateClusterSpec(cluster.spec, request.spec);
      tx.update('cluster', {
        ...cluster,
        spec: request.spec,
        rootCa: this.rotated(cluster, request),
        unlockKey: this.unlockKey(cluster, request),
      });
      return cluster.id;
    });
    return visible(updated);
  }

  async getUnlockKey(context: CallContext): Promise<{ readonly unlockKey: string }> {
    return this.calls.read(context, (view) => ({ unlockKey: theCluster(view).unlockKey }));
  }

  /** The key manager does it; a rotation that was asked for and is under way is the same one. */
  async rotateNetworkKeys(context: CallContext): Promise<void> {
    await this.calls.write(context, (tx) => {
      const cluster = theCluster(tx);
      const { networkKeys } = cluster;
      if (networkKeys === undefined) {
        throw precondition(
          'there are no keys to rotate: no network is encrypted (network create --opt encrypted)',
        );
      }
      if (networkKeys.rotationAskedAt === undefined) {
        tx.update('cluster', { ...cluster, networkKeys: { ...networkKeys, rotationAskedAt: tx.now } });
      }
    });
  }

  /** Made when autolock is turned on or rotation is asked for, gone when it is turned off. */
  private unlockKey(
    cluster: Cluster,
    request: { readonly spec: ClusterSpec; readonly rotateUnlockKey: boolean },
  ): string {
    if (!request.spec.encryption.autoLockManagers) {
      return '';
    }
    return cluster.unlockKey === '' || request.rotateUnlockKey ? this.makeUnlockKey() : cluster.unlockKey;
  }

  private rotated(
    cluster: Cluster,
    request: { readonly rotateWorkerToken: boolean; readonly rotateManagerToken: boolean },
  ): Cluster['rootCa'] {
    const { rootCa } = cluster;
    const { worker, manager } = rootCa.joinTokens;
    return {
      ...rootCa,
      joinTokens: {
        worker: request.rotateWorkerToken ? this.makeToken(rootCa.digest) : worker,
        manager: request.rotateManagerToken ? this.makeToken(rootCa.digest) : manager,
      },
    };
  }
}

function theCluster(view: ReadView): Cluster {
  for (const cluster of view.all('cluster')) {
    return cluster;
  }
  throw notFound('cluster', 'default');
}

function visible(cluster: Cluster): Cluster {
  const { networkKeys: _, ...rest } = cluster;
  return { ...rest, rootCa: { ...cluster.rootCa, keyPem: '' }, unlockKey: '' };
}

function validateClusterSpec(stored: ClusterSpec, spec: ClusterSpec): void {
  if (stored.name !== spec.name) {
    throw invalid('modification of cluster name is not allowed');
  }
  checkLabels(spec);
  if (!(spec.ca.nodeCertExpiryMs >= MIN_CERT_EXPIRY_MS)) {
    throw invalid('minimum certificate expiry time is: 1h0m0s');
  }
  if (!(spec.dispatcher.heartbeatPeriodMs > 0)) {
    throw invalid('heartbeat time period cannot be a negative duration');
  }
  if (!Number.isInteger(spec.orchestration.taskHistoryRetentionLimit)) {
    throw invalid('the task history limit must be a whole number');
  }
  validateRaft(spec.raft);
  if (spec.ca.forceRotate !== stored.ca.forceRotate) {
    throw notSupported('rotation of the root certificate is not implemented');
  }
}

function validateRaft(raft: ClusterSpec['raft']): void {
  const counts = [
    ['snapshot interval', raft.snapshotInterval, 1],
    ['number of old snapshots to keep', raft.keepOldSnapshots, 0],
    ['number of log entries for slow followers', raft.logEntriesForSlowFollowers, 0],
    ['heartbeat tick', raft.heartbeatTick, 1],
  ] as const;
  for (const [name, value, least] of counts) {
    if (!Number.isInteger(value) || value < least) {
      throw invalid(`the ${name} must be a whole number of at least ${least}`);
    }
  }
  if (!(raft.electionTick > raft.heartbeatTick)) {
    throw invalid('election tick must be greater than heartbeat tick');
  }
}
