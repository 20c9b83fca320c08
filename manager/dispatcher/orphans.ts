// Nodes that are down for so long that their tasks will not come back: a day after, those are orphaned, so
// that history and names can go.
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Store } from '../store/api.ts';
import { writeOrphans } from './node_writer.ts';

/** Swarm's 24 hours. */
export const ORPHAN_AFTER_MS = 24 * 3_600_000;
const RETRY_MS = 60_000;

export class Orphans {
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly timers = new Map<Id, Timer>();

  constructor(dependencies: { readonly store: Store; readonly clock: Clock; readonly logger: Logger }) {
    this.store = dependencies.store;
    this.clock = dependencies.clock;
    this.logger = dependencies.logger;
  }

  /** @param downSince epoch ms of the store's time; a node that is watched already keeps its time */
  watch(nodeId: Id, downSince: number): void {
    if (!this.timers.has(nodeId)) {
      this.arm(nodeId, Math.max(0, downSince + ORPHAN_AFTER_MS - this.store.now()));
    }
  }

  /** A node as it was just committed; undefined when it was removed. */
  follow(nodeId: Id, node: Node | undefined): void {
    if (node?.status.state === 'down') {
      this.watch(nodeId, this.store.now());
    } else {
      this.forget(nodeId);
    }
  }

  forget(nodeId: Id): void {
    this.timers.get(nodeId)?.cancel();
    this.timers.delete(nodeId);
  }

  stop(): void {
    for (const nodeId of [...this.timers.keys()]) {
      this.forget(nodeId);
    }
  }

  private arm(nodeId: Id, delayMs: number): void {
    const timer = this.clock.after(delayMs, () => {
      writeOrphans(this.store, nodeId, () => this.timers.get(nodeId) === timer).catch((error: unknown) => {
        this.logger.warn({ node: nodeId, error: errorMessage(error) }, 'orphaned tasks were not marked');
        if (this.timers.get(nodeId) === timer) {
          this.arm(nodeId, RETRY_MS);
        }
      });
    });
    this.timers.set(nodeId, timer);
  }
}
