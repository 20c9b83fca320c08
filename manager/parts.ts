// The manager's parts that stand between raft and the wire, in the order in which they need each other: the
// store, the services over it, and the loops of a leader. `running.ts` puts raft below and servers above; the
// simulator composes the same parts over its own network, so what it proves is what runs.
import type { Clock } from '../shared/clock.ts';
import { makeJoinToken } from '../shared/identity/token.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { Logger } from '../shared/log.ts';
import type { Random } from '../shared/random.ts';
import { storeCodec } from '../shared/wire/store.ts';
import { Allocator } from './allocator/allocator.ts';
import { CaServer } from './ca/server.ts';
import { ControlApi } from './control/control_api.ts';
import { Dispatcher } from './dispatcher/dispatcher.ts';
import { LogBroker } from './logs/broker.ts';
import { MembershipKeeper } from './membership/keeper.ts';
import { MembershipService } from './membership/service.ts';
import { KeyManager } from './network_keys/key_manager.ts';
import { Orchestrator } from './orchestrator/orchestrator.ts';
import type { RaftNode } from './raft/api.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { ReplicatedStore } from './store/store.ts';

export interface PartsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** May be one that fails every call as long as raft has not started. */
  readonly raft: RaftNode;
  /** Runs a callback after the event loop has turned; absent: before that. */
  readonly defer?: (callback: () => void) => void;
  /** `host:port` of the leader as this manager knows it; empty when it knows none. */
  readonly leaderAddress: () => string;
  /** `host:port` of every member of raft that this manager knows. */
  readonly managerAddresses: () => readonly string[];
  /** True when the host answers at all at the address; absent: nobody asks. */
  readonly hostLives?: (address: string) => Promise<boolean>;
  /** Where managers last said they are, by raft id; absent: nobody moves. */
  readonly heard?: () => ReadonlyMap<number, string>;
  /** Resolves when a manager of that node id answers at the address. */
  readonly probe: (address: string, nodeId: string, signal: AbortSignal) => Promise<void>;
}

export interface ManagerParts {
  readonly store: ReplicatedStore;
  readonly ca: CaServer;
  readonly control: ControlApi;
  readonly dispatcher: Dispatcher;
  readonly logs: LogBroker;
  readonly membership: MembershipService;
  /** The loops of one time of leading, in the order in which they start. */
  readonly createLoops: () => readonly Startable[];
}

export function managerParts(dependencies: PartsDependencies): ManagerParts {
  const { clock, random, log, raft, leaderAddress, managerAddresses, probe, hostLives, heard } = dependencies;
  const store = new ReplicatedStore({
    proposer: raft,
    codec: storeCodec,
    clock,
    defer: dependencies.defer,
  });
  const ca = new CaServer({ store, clock, random, log: log.child({ part: 'ca' }) });
  const control = new ControlApi({
    store,
    membership: raft,
    clock,
    random,
    makeToken: (digest) => makeJoinToken(digest, random),
  });
  const served = (part: string) => ({
    store,
    clock,
    random,
    logger: log.child({ part }),
    leaderAddress,
  });
  const dispatcher = new Dispatcher({
    ...served('dispatcher'),
    managerAddresses,
    ...(hostLives === undefined ? {} : { hostLives }),
  });
  const logs = new LogBroker(served('logs'));
  const membership = new MembershipService({ store, raft, random, log, probe });
  const loop = (part: string) => ({ store, clock, random, log: log.child({ part }) });
  const createLoops = () => [
    new Allocator({ ...loop('allocator'), logger: log.child({ part: 'allocator' }) }),
    new Scheduler(loop('scheduler')),
    dispatcher,
    logs,
    new Orchestrator(loop('orchestrator')),
    new KeyManager(loop('network-keys')),
    new MembershipKeeper({ ...loop('membership'), raft, ...(heard === undefined ? {} : { heard }) }),
  ];
  return { store, ca, control, dispatcher, logs, membership, createLoops };
}
