// Known ways to break consensus and store, each put into the real code at run time and taken out again: the checkers
// must see every one of them. Nothing of this is in the product.

import { AddressPool } from '../../manager/allocator/address_pool.ts';
import { RaftLog } from '../../manager/raft/core/log.ts';
import type { RaftCore } from '../../manager/raft/core/raft.ts';
import { RaftCore as Core } from '../../manager/raft/core/raft.ts';
import { RaftState } from '../../manager/raft/core/state.ts';
import type { Entry, InitialState, Message } from '../../manager/raft/core/types.ts';
import { ConsensusNode } from '../../manager/raft/node.ts';
import type { DiskFile } from '../../manager/raft/storage/disk.ts';
import { RaftStorage, type StoredState } from '../../manager/raft/storage/storage.ts';
import { Wal } from '../../manager/raft/storage/wal.ts';
import type { TableName, Tables } from '../../manager/store/api.ts';
import { Pipeline } from '../../manager/store/pipeline.ts';
import { ReplicatedStore } from '../../manager/store/store.ts';
import { StoreTime } from '../../manager/store/store_time.ts';
import { Transaction } from '../../manager/store/transaction.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Task } from '../../shared/model/task.ts';
import type { AttachmentsMessage } from '../../worker/attachment/api.ts';
import { NodeAttachments } from '../../worker/attachment/attachments.ts';
import { ManagerProcess } from './manager_process.ts';
import type { SimulationOptions } from './simulation.ts';

type Method = (this: never, ...args: never[]) => unknown;

/** Replaces a method of a class; returns how to put it back. */
function patch<T extends object>(prototype: T, name: string, make: (original: Method) => Method): () => void {
  const original = Reflect.get(prototype, name) as Method;
  Reflect.set(prototype, name, make(original));
  return () => {
    Reflect.set(prototype, name, original);
  };
}

function stateOf(core: RaftCore): RaftState {
  return Reflect.get(core, 'state') as RaftState;
}

/** Does something with the state before each message is handled. */
function beforeStep(act: (state: RaftState, message: Message) => void): () => void {
  return patch(Core.prototype, 'step', (original) => {
    return function step(this: RaftCore, message: Message) {
      act(stateOf(this), message);
      return Reflect.apply(original, this, [message]);
    } as Method;
  });
}

function afterStep(act: (state: RaftState) => void): () => void {
  return patch(Core.prototype, 'step', (original) => {
    return function step(this: RaftCore, message: Message) {
      Reflect.apply(original, this, [message]);
      act(stateOf(this));
    } as Method;
  });
}

function undoAll(patches: readonly (() => void)[]): void {
  for (const undo of patches) {
    undo();
  }
}

/** Changes what a member finds on its disk at a restart. */
function afterLoad(change: (initial: InitialState) => InitialState): () => void {
  return patch(RaftStorage.prototype, 'load', (original) => {
    return async function load(this: RaftStorage) {
      const stored = (await Reflect.apply(original, this, [])) as StoredState | undefined;
      return stored === undefined ? undefined : { ...stored, initial: change(stored.initial) };
    } as Method;
  });
}

export interface Mutant {
  readonly name: string;
  readonly breakIt: () => () => void;
  /** Histories of the kind in which it shows, where that kind is rare. */
  readonly histories?: Omit<SimulationOptions, 'seed'>;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'votes twice in a term',
    breakIt: () =>
      beforeStep((state, message) => {
        if (message.kind === 'vote' && state.role !== 'leader') {
          state.vote = 0;
          state.leader = 0;
        }
      }),
  },
  {
    name: 'commits an entry of an older term by counting',
    breakIt: () =>
      afterStep((state) => {
        if (state.role === 'leader') {
          const held = state.members
            .voters()
            .map((id) => (id === state.id ? state.log.stable : (state.progress.get(id)?.match ?? 0)))
            .sort((a, b) => b - a);
          state.log.commitTo(held[held.length >> 1] ?? 0);
        }
      }),
  },
  {
    name: 'commits without a majority',
    breakIt: () =>
      afterStep((state) => {
        if (state.role === 'leader') {
          state.log.commitTo(state.log.lastIndex);
        }
      }),
  },
  {
    name: 'skips the sync of the log',
    breakIt: () =>
      patch(Wal.prototype, 'append', (original) => {
        return async function append(this: Wal, items: readonly unknown[]) {
          const file = Reflect.get(this, 'file') as DiskFile;
          Reflect.set(this, 'file', { ...file, writeDurably: file.write });
          await Reflect.apply(original, this, [items]);
          Reflect.set(this, 'file', file);
        } as Method;
      }),
  },
  {
    name: 'applies before commit',
    breakIt: () => {
      const undo = [
        patch(RaftLog.prototype, 'hasCommitted', () => {
          return function hasCommitted(this: RaftLog) {
            return this.incoming === undefined && this.stable > this.handedOut;
          } as Method;
        }),
        patch(RaftLog.prototype, 'takeCommitted', () => {
          return function takeCommitted(this: RaftLog, maxBytes: number): readonly Entry[] {
            const entries = this.hasCommitted() ? this.slice(this.handedOut + 1, this.stable, maxBytes) : [];
            this.handedOut += entries.length;
            return entries;
          } as Method;
        }),
      ];
      return () => undoAll(undo);
    },
  },
  {
    name: 'forgets the pre-vote',
    breakIt: () =>
      patch(Core.prototype, 'tickFollower', () => {
        return function tickFollower(this: RaftCore) {
          const state = stateOf(this);
          state.electionElapsed += 1;
          if (state.electionElapsed < state.electionTimeout || !state.isPromotable()) {
            return;
          }
          state.becomeCandidate();
          const { lastIndex, lastTerm } = state.log;
          for (const voter of state.members.voters().filter((id) => id !== state.id)) {
            state.send(voter, { kind: 'vote', lastIndex, lastTerm, force: false });
          }
          state.promise(state.id, { kind: 'vote-response', granted: true, commit: 0, commitTerm: 0 });
        } as Method;
      }),
  },
  {
    name: 'serves a stale read',
    breakIt: () => {
      // Every manager answers from what it has applied, and asks nobody.
      const undo = [
        patch(ConsensusNode.prototype, 'readBarrier', () => (() => Promise.resolve()) as Method),
        patch(ManagerProcess.prototype, 'route', () => (() => ({ kind: 'here' })) as Method),
      ];
      return () => undoAll(undo);
    },
  },
  {
    name: 'loses the tail of the log at a restart',
    breakIt: () =>
      afterLoad((initial) => {
        const entries = initial.entries.slice(0, -2);
        const last = Math.max(entries.at(-1)?.index ?? 0, initial.snapshot.index);
        const commit = Math.min(initial.hardState.commit, last);
        return { ...initial, entries, hardState: { ...initial.hardState, commit } };
      }),
  },
  {
    name: 'forgets its vote at a restart',
    breakIt: () =>
      afterLoad((initial) => {
        const term = Math.max(initial.snapshot.term, initial.hardState.term - 1);
        return { ...initial, hardState: { ...initial.hardState, term, vote: 0 } };
      }),
  },
  {
    name: 'accepts a gap',
    breakIt: () => {
      const undo = [
        patch(RaftLog.prototype, 'matches', () => (() => true) as Method),
        patch(RaftLog.prototype, 'append', () => {
          return function append(this: RaftLog, entry: Entry) {
            (Reflect.get(this, 'entries') as Entry[]).push(entry);
          } as Method;
        }),
      ];
      return () => undoAll(undo);
    },
  },
  {
    name: 'takes a snapshot that is older than its state',
    breakIt: () =>
      beforeStep((state, message) => {
        if (message.kind === 'snapshot' && message.snapshot.index <= state.log.committed) {
          state.log.restore(message.snapshot);
        }
      }),
  },
  {
    name: "ignores the snapshot's index",
    breakIt: () =>
      patch(ReplicatedStore.prototype, 'restore', (original) => {
        return function restore(this: ReplicatedStore, _index: number, chunks: AsyncIterable<Uint8Array>) {
          return Reflect.apply(original, this, [this.version, chunks]);
        } as Method;
      }),
  },
  {
    name: 'does not restore its own snapshot at a restart',
    breakIt: () =>
      patch(ConsensusNode.prototype, 'restoreOwnSnapshot', () => (async () => undefined) as Method),
  },
  {
    name: 'answers before what it promises is on disk',
    breakIt: () =>
      patch(RaftState.prototype, 'promise', (original) => {
        return function promise(this: RaftState, to: number, ...rest: unknown[]) {
          return Reflect.apply(to === this.id ? original : this.send, this, [to, ...rest]);
        } as Method;
      }),
  },
  {
    name: 'leaves the tasks of a removed machine as they were',
    histories: { machinesShare: 1 },
    breakIt: () =>
      patch(Transaction.prototype, 'update', (original) => {
        return function update<T extends TableName>(this: Transaction, table: T, object: Tables[T]) {
          const orphan = table === 'task' && (object as Task).status.state === 'orphaned';
          return orphan ? undefined : Reflect.apply(original, this, [table, object]);
        } as Method;
      }),
  },
  {
    name: 'runs transactions without those that are on their way',
    breakIt: () => {
      const original = Object.getOwnPropertyDescriptor(Pipeline.prototype, 'base') ?? {};
      const get = function base(this: Pipeline<unknown>): unknown {
        return Reflect.get(this, 'state');
      };
      Object.defineProperty(Pipeline.prototype, 'base', { configurable: true, get });
      return () => {
        Object.defineProperty(Pipeline.prototype, 'base', original);
      };
    },
  },
  {
    name: 'reuses a task slot',
    breakIt: () =>
      patch(Transaction.prototype, 'create', (original) => {
        return function create<T extends TableName>(this: Transaction, table: T, object: Tables[T]) {
          const changed = table === 'task' && (object as Task).slot > 1 ? { ...object, slot: 1 } : object;
          return Reflect.apply(original, this, [table, changed]);
        } as Method;
      }),
  },
  {
    name: "stamps with this host's clock alone",
    breakIt: () =>
      patch(StoreTime.prototype, 'now', () => {
        return function now(this: StoreTime) {
          return Math.floor((Reflect.get(this, 'clock') as Clock).now());
        } as Method;
      }),
  },
  {
    name: 'gives an address twice',
    breakIt: () =>
      patch(AddressPool.prototype, 'take', (original) => {
        return function take(this: AddressPool, owner: string) {
          const given = Reflect.apply(original, this, [owner]);
          Reflect.set(this, 'next', 0);
          (Reflect.get(this, 'holders') as Map<number, string>).clear();
          return given;
        } as Method;
      }),
  },
  {
    name: 'gives a wished address that another one has',
    breakIt: () =>
      patch(AddressPool.prototype, 'takeThis', (original) => {
        return function takeThis(this: AddressPool, ...given: unknown[]) {
          (Reflect.get(this, 'holders') as Map<number, string>).clear();
          return Reflect.apply(original, this, given);
        } as unknown as Method;
      }),
  },
  {
    name: 'tells a leader of changes of attachments alone',
    breakIt: () =>
      patch(NodeAttachments.prototype, 'opened', (original) => {
        return function opened(this: NodeAttachments, send: (message: AttachmentsMessage) => void) {
          Reflect.apply(original, this, [
            (message: AttachmentsMessage) => (message.complete ? undefined : send(message)),
          ]);
        } as Method;
      }),
  },
];
