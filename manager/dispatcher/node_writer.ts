// What the dispatcher writes of nodes: that they are ready, lost, or not yet heard of by a new leader, and
// that the tasks of one lost for a day are orphans. The store's group commit gathers writes made together.
import type { Id } from '../../shared/model/meta.ts';
import type { NodeEncryption } from '../../shared/model/network_keys.ts';
import type { Node, NodeDescription } from '../../shared/model/node.ts';
import { isTerminal, taskStateRank } from '../../shared/model/task.ts';
import { MAX_CHANGES_PER_TRANSACTION, type Store, type WriteTransaction } from '../store/api.ts';
import { sameData } from './equal.ts';
import { nodeRemoved } from './errors.ts';

export interface ReadyNode {
  readonly description: NodeDescription;
  readonly vtepAddress: string;
  readonly address: string;
}

/**
 * The node is there; throws `node-removed` when it is no member any more. Always a commit, even without a
 * change: the versions of what the session is told start from it.
 */
export async function writeReady(store: Store, nodeId: Id, ready: ReadyNode): Promise<void> {
  await store.update((tx) => {
    const node = tx.get('node', nodeId);
    if (node === undefined) {
      throw nodeRemoved(nodeId);
    }
    const { description, vtepAddress, address } = ready;
    tx.update('node', {
      ...node,
      description,
      vtepAddress,
      status: { state: 'ready', message: '', address },
    });
  });
}

export async function writeDescription(
  store: Store,
  nodeId: Id,
  description: NodeDescription,
): Promise<void> {
  await store.update((tx) => {
    const node = tx.get('node', nodeId);
    if (node !== undefined) {
      write(tx, node, { ...node, description });
    }
  });
}

/** The node will leave: it is drained, as if somebody had asked for it, so that its connections end in order. */
export async function writeLeaving(store: Store, nodeId: Id): Promise<void> {
  await store.update((tx) => {
    const node = tx.get('node', nodeId);
    if (node !== undefined) {
      write(tx, node, { ...node, spec: { ...node.spec, availability: 'drain' } });
    }
  });
}

export async function writeEncryption(store: Store, nodeId: Id, encryption: NodeEncryption): Promise<void> {
  await store.update((tx) => {
    const node = tx.get('node', nodeId);
    if (node !== undefined) {
      write(tx, node, { ...node, encryption });
    }
  });
}

/** @param isLost asked when the write happens: the node may have come back while it waited */
export async function writeDown(store: Store, nodeId: Id, isLost: () => boolean): Promise<void> {
  await store.update((tx) => {
    const node = tx.get('node', nodeId);
    if (node !== undefined && isLost()) {
      write(tx, node, { ...node, status: { ...node.status, state: 'down', message: 'heartbeat failure' } });
    }
  });
}

/**
 * A new leader has heard of nobody. All transactions are handed to the store before this function first
 * waits, so that a registration coming later is also written later.
 */
export async function writeUnknown(store: Store, nodeIds: readonly Id[]): Promise<void> {
  const parts: (readonly Id[])[] = [];
  for (let start = 0; start < nodeIds.length; start += MAX_CHANGES_PER_TRANSACTION) {
    parts.push(nodeIds.slice(start, start + MAX_CHANGES_PER_TRANSACTION));
  }
  const message = 'the leader changed: waiting for the node to register';
  const writes = parts.map((part) =>
    store.update((tx) => {
      for (const nodeId of part) {
        const node = tx.get('node', nodeId);
        if (node?.status.state === 'ready') {
          write(tx, node, { ...node, status: { ...node.status, state: 'unknown', message } });
        }
      }
    }),
  );
  await Promise.all(writes);
}

/** Gives up the tasks of a node that is gone for good. */
export async function writeOrphans(store: Store, nodeId: Id, isGone: () => boolean): Promise<void> {
  let more = true;
  while (more) {
    more = await store.update((tx) => {
      const tasks = isGone() ? tx.tasksByNode(nodeId).filter(({ status }) => isOrphan(status.state)) : [];
      for (const task of tasks.slice(0, MAX_CHANGES_PER_TRANSACTION)) {
        const message = 'the node was down for too long';
        tx.update('task', {
          ...task,
          status: { ...task.status, state: 'orphaned', timestamp: tx.now, message },
        });
      }
      return tasks.length > MAX_CHANGES_PER_TRANSACTION;
    });
  }
}

function isOrphan(state: Parameters<typeof isTerminal>[0]): boolean {
  return !isTerminal(state) && taskStateRank(state) >= taskStateRank('assigned');
}

function write(tx: WriteTransaction, before: Node, after: Node): void {
  if (!sameData(before, after)) {
    tx.update('node', after);
  }
}
