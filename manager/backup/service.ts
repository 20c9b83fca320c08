// A backup of the whole cluster, made online by any manager: everything that is committed when it is asked for,
// with the CA's key, tokens and network keys, which are objects of the store like all others.
import type { Clock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { BackupPart, BackupRequest, BackupService } from '../../shared/protocol/backup.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { Random } from '../../shared/random.ts';
import type { RaftNode } from '../raft/api.ts';
import type { ReadView } from '../store/api.ts';
import { type BackupSecret, sealBackup } from './format.ts';

export interface BackupMakerDependencies {
  /** The store: its state frozen at the call, and the raft index of it. */
  readonly store: { readonly view: ReadView; readonly version: number; snapshot(): Iterable<Uint8Array> };
  readonly raft: Pick<RaftNode, 'readBarrier' | 'status'>;
  readonly clock: Clock;
  readonly random: Random;
}

export class BackupMaker implements BackupService {
  private readonly dependencies: BackupMakerDependencies;

  constructor(dependencies: BackupMakerDependencies) {
    this.dependencies = dependencies;
  }

  /** @throws SkeinError `no-unlock-key`, `backup-passphrase-short`; what the read barrier throws without a majority */
  async *create(request: BackupRequest, context: CallContext): AsyncGenerator<BackupPart, void, undefined> {
    const { store, raft, clock, random } = this.dependencies;
    await raft.readBarrier(context.signal);
    // From here to the snapshot nothing waits: index, secret and state are of one moment.
    const [cluster] = store.view.all('cluster');
    if (cluster === undefined) {
      throw new SkeinError(
        'unavailable',
        'no-cluster',
        'this manager does not know its cluster yet: try again',
      );
    }
    const secret = secretOf(request, cluster.unlockKey);
    const meta = {
      clusterId: cluster.id,
      index: store.version,
      term: raft.status().term,
      createdAt: clock.now(),
    };
    const chunks = store.snapshot();
    for await (const data of sealBackup(meta, chunks, secret, random)) {
      context.signal.throwIfAborted();
      yield { data };
    }
  }
}

function secretOf(request: BackupRequest, unlockKey: string): BackupSecret {
  if (!request.useUnlockKey) {
    return { kind: 'passphrase', text: request.passphrase };
  }
  if (unlockKey === '') {
    throw new SkeinError(
      'invalid',
      'no-unlock-key',
      'the swarm has no unlock key (autolock is off): seal the backup with a passphrase',
    );
  }
  return { kind: 'unlock-key', text: unlockKey };
}
