// Runs on the leader: makes the keys of encrypted networks with the first such network, and goes on to the next
// when the decision says so. It meets the dispatcher in the store: the keys are in the cluster object, what
// nodes have is in theirs. No key is ever in a log line.
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { isEncrypted, type Network } from '../../shared/model/network.ts';
import { isTerminal } from '../../shared/model/task.ts';
import type { Random } from '../../shared/random.ts';
import type { ReadView, Store, StoreChange } from '../store/api.ts';
import { WatchLoop } from '../store/watch_loop.ts';
import { createKeyring, decideKeys, type KeyDecision, type KeyHolder, rotateKeyring } from './rotation.ts';

/** Nothing about keys is urgent: changes gather for so long. */
const GAP_MS = 100;
const RETRY_MS = 1_000;
/** A timer is set no further ahead than this, so that a clock that is put right counts soon. */
const LOOK_MS = 60_000;

export interface KeyManagerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class KeyManager implements Startable {
  private readonly dependencies: KeyManagerDependencies;
  private readonly loop: WatchLoop;
  /** Something that keys depend on has changed since the last pass. */
  private changed = false;
  private timer: Timer | undefined;

  constructor(dependencies: KeyManagerDependencies) {
    this.dependencies = dependencies;
    this.loop = new WatchLoop(
      dependencies,
      {
        noteAll: () => {
          this.changed = true;
        },
        noteChange: (change) => {
          this.changed ||= isOfKeys(change);
        },
        hasWork: () => this.changed,
        pass: () => this.pass(),
      },
      { gapMs: GAP_MS, retryMs: RETRY_MS },
    );
  }

  async start(): Promise<void> {
    await this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    this.timer?.cancel();
  }

  private async pass(): Promise<void> {
    const { store, clock, random, log } = this.dependencies;
    this.changed = false;
    this.timer?.cancel();
    const decision = decide(store.view, store.now());
    if (decision.action === 'create' || decision.action === 'rotate') {
      const epoch = await store.update((tx) => {
        const cluster = theCluster(tx);
        // Decided anew on the newest state: somebody else may have been first.
        const again = decide(tx, tx.now);
        if (cluster === undefined || (again.action !== 'create' && again.action !== 'rotate')) {
          return undefined;
        }
        const networkKeys =
          cluster.networkKeys === undefined
            ? createKeyring(tx.now, random)
            : rotateKeyring(cluster.networkKeys, tx.now, random);
        tx.update('cluster', { ...cluster, networkKeys });
        return networkKeys.sending;
      });
      log.info({ epoch }, 'keys of encrypted networks were made or rotated');
      this.loop.wake();
      return;
    }
    if (decision.action === 'await-nodes') {
      log.info({ nodes: decision.nodeIds }, 'the rotation of keys waits for nodes to have the next one');
    }
    if (Number.isFinite(decision.dueAt)) {
      const delayMs = Math.min(LOOK_MS, Math.max(RETRY_MS, decision.dueAt - store.now()));
      this.timer = clock.after(delayMs, () => this.loop.wake());
    }
  }
}

function decide(view: ReadView, now: number): KeyDecision {
  const cluster = theCluster(view);
  if (cluster === undefined) {
    return { action: 'wait', dueAt: Number.POSITIVE_INFINITY };
  }
  const encrypted = [...view.all('network')].filter(({ spec }) => isEncrypted(spec.driverOptions));
  const holders = holdersOf(view, encrypted);
  return decideKeys(cluster.networkKeys, encrypted.length > 0, holders, now);
}

/** Nodes with a live task on one of the networks (of ingress: all), that are not down and can encrypt. */
function holdersOf(view: ReadView, networks: readonly Network[]): readonly KeyHolder[] {
  const nodeIds = new Set<string>();
  for (const { id, spec } of networks) {
    for (const node of spec.ingress ? view.all('node') : []) {
      nodeIds.add(node.id);
    }
    for (const task of view.tasksByNetwork(id)) {
      if (task.nodeId !== '' && !isTerminal(task.status.state)) {
        nodeIds.add(task.nodeId);
      }
    }
  }
  return [...nodeIds].sort().flatMap((nodeId) => {
    const node = view.get('node', nodeId);
    return node?.encryption === undefined || node.status.state === 'down'
      ? []
      : [{ nodeId, epoch: node.encryption.epoch }];
  });
}

function theCluster(view: ReadView): Cluster | undefined {
  for (const cluster of view.all('cluster')) {
    return cluster;
  }
  return undefined;
}

function isOfKeys(change: StoreChange): boolean {
  switch (change.table) {
    case 'network':
      return isEncrypted(change.object.spec.driverOptions);
    case 'cluster':
      return change.action !== 'update' || change.previous.networkKeys !== change.object.networkKeys;
    case 'node':
      return change.action === 'update' && change.previous.encryption !== change.object.encryption;
    default:
      return false;
  }
}
