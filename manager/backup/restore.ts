// A cluster made of a backup: its file is read and checked to the end before anything is written, then raft begins
// with its state, and this node takes the place of the managers there were.
import { createReadStream } from 'node:fs';
import type { Sealing } from '../../shared/identity/sealing.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Random } from '../../shared/random.ts';
import { storeCodec } from '../../shared/wire/store.ts';
import { forgetNode, hasLiveTasks, orphanTasks } from '../control/nodes.ts';
import { realDisk } from '../raft/storage/disk.ts';
import { openDataKey } from '../raft/storage/key.ts';
import { RaftStorage } from '../raft/storage/storage.ts';
import type { Store } from '../store/api.ts';
import { readSnapshot, writeSnapshot } from '../store/snapshot.ts';
import type { State } from '../store/state.ts';
import { backupDamaged } from './errors.ts';
import { type BackupMeta, type BackupSecret, openBackup } from './format.ts';

export interface RestoredCluster {
  readonly meta: BackupMeta;
  readonly state: State;
  readonly cluster: Cluster;
}

/** Reads the whole file. @throws SkeinError of `errors.ts` */
export async function readBackup(file: string, secret: BackupSecret): Promise<RestoredCluster> {
  const { meta, chunks } = await openBackup(createReadStream(file), secret);
  const state = await readSnapshot(chunks, storeCodec);
  const [cluster] = state.all('cluster');
  if (cluster === undefined || cluster.id !== meta.clusterId) {
    throw backupDamaged('it holds no cluster');
  }
  return { meta, state, cluster };
}

/** Writes raft's first files with the restored state, for a group of this one member. */
export async function seedRaft(
  dependencies: { readonly random: Random },
  options: {
    readonly directory: string;
    readonly lock: Sealing | undefined;
    readonly member: { readonly raftId: number; readonly nodeId: Id; readonly address: string };
  },
  restored: RestoredCluster,
): Promise<void> {
  const { random } = dependencies;
  const { directory, lock, member } = options;
  const dataKey = await openDataKey(realDisk, random, directory, lock);
  const storage = new RaftStorage({ disk: realDisk, random }, { directory, dataKey });
  await storage.load();
  const { index, term } = restored.meta;
  const snapshot = { index, term, members: [{ ...member, learner: false }] };
  await storage.createFrom(member.raftId, snapshot, writeSnapshot(restored.state, storeCodec));
  await storage.close();
}

/**
 * Puts this node in the place of the managers there were: those are gone, with their certificates, and their tasks
 * are placed anew. Workers stay: they come back when they reach a manager, and count as down until then.
 */
export async function replaceManagers(store: Store, node: Node): Promise<void> {
  const gone = [...store.view.all('node')].filter(
    (old) => old.spec.desiredRole === 'manager' || old.role === 'manager',
  );
  await store.update((tx) => tx.create('node', node));
  for (const { id } of gone) {
    await store.update((tx) => {
      const old = tx.get('node', id);
      if (old !== undefined) {
        forgetNode(tx, old);
      }
    });
    // Each round ends some of a bounded number of tasks.
    while (hasLiveTasks(store.view.tasksByNode(id))) {
      await store.update((tx) => orphanTasks(tx, id));
    }
  }
}
