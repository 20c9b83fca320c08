// A control API over the real store, committing at once, for the tests of manager/control.
import { memoryStore } from './memory_store.ts';
import { cluster } from './objects.ts';
import { seededRandom } from '../../shared/random.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';
import type { WriteTransaction } from '../../manager/store/api.ts';
import type { ReplicatedStore } from '../../manager/store/store.ts';
import { ControlApi } from '../../manager/control/control_api.ts';
import { VirtualClock } from './virtual_clock.ts';

export interface Harness {
  readonly api: ControlApi;
  readonly store: ReplicatedStore;
  readonly clock: VirtualClock;
  readonly context: CallContext;
  /** What raft says of its members; tests change it. */
  readonly raft: { members: RaftMember[]; active: number[]; barrier: () => Promise<void> };
}

/** @param fill objects that are there at the beginning, besides the cluster. */
export async function harness(fill: (tx: WriteTransaction) => void = () => undefined): Promise<Harness> {
  const clock = new VirtualClock();
  const store = memoryStore({ clock });
  const raft: Harness['raft'] = { members: [], active: [], barrier: () => Promise.resolve() };
  let tokens = 0;
  const api = new ControlApi({
    store,
    clock,
    random: seededRandom(1),
    membership: {
      readBarrier: () => raft.barrier(),
      status: () => ({ members: raft.members, active: raft.active }),
    },
    makeToken: (digest) => {
      tokens += 1;
      return `token-${digest}-${tokens}`;
    },
  });
  await store.update((tx) => {
    tx.create('cluster', cluster());
    fill(tx);
  });
  const context: CallContext = { peer: { kind: 'local' }, signal: new AbortController().signal };
  return { api, store, clock, context, raft };
}

/** `[raft id, node id]` pairs as voters. */
export function voters(...ids: readonly (readonly [number, string])[]): RaftMember[] {
  return ids.map(([raftId, nodeId]) => ({
    raftId,
    nodeId,
    address: `10.0.0.${raftId}:2377`,
    learner: false,
  }));
}
