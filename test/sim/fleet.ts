// The machines of one history: those it begins with, those that join later, and those that are lost for good. It makes
// them and finds them; what the certificate authority writes of a node that joins is written here.
import { type Random, randomInt } from '../../shared/random.ts';
import type { Node } from '../../shared/model/node.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import { node } from '../support/objects.ts';
import { Host, type HostOptions } from './host.ts';
import { addressOf, type ManagerProcess } from './manager_process.ts';
import type { Place } from './network.ts';
import type { RaftChecks } from './raft_checks.ts';
import type { Rpc } from './rpc.ts';
import { type Scope, within, type World } from './world.ts';

const JOIN_RETRY_MS = 300;
/** Longer than the product's own limit for a call. */
const ANSWER_MS = 12_000;

export interface FleetDependencies {
  readonly world: World;
  readonly rpc: Rpc;
  readonly raftChecks: RaftChecks;
  readonly onManager: (host: Host, manager: ManagerProcess) => void;
}

export type FleetOptions = Pick<HostOptions, 'raft' | 'transport'>;

type Role = Host['role'];
/** Epoch ms of some year long after the end of every history, so that half of its life is not over. */
const FAR_MS = 4_000_000_000_000;

export class Fleet {
  /** Those that stand, or will again. */
  readonly hosts: Host[] = [];
  private readonly on: FleetDependencies;
  private readonly options: FleetOptions;
  private readonly byScope = new Map<Scope, Host>();
  private made = 0;
  /** Snapshots and torn writes of machines that are gone. */
  readonly gone = { snapshots: 0, torn: 0 };

  constructor(dependencies: FleetDependencies, options: FleetOptions) {
    this.on = dependencies;
    this.options = options;
  }

  /** A machine that is not yet switched on, where there is none yet or in the place of one that is lost. */
  add(role: Role, seeds: readonly ManagerPeer[], inPlaceOf?: Place): Host {
    this.made += 1;
    const { world, rpc, raftChecks } = this.on;
    const place = inPlaceOf ?? this.made;
    const host = new Host(
      {
        world,
        rpc,
        everywhere: () => this.hosts.map(({ plainContainers }) => plainContainers),
        hostOfNode: (nodeId) => this.hosts.find((each) => each.nodeId === nodeId),
        hostAt: (at) => this.hosts.find((each) => each.place === at),
        wrap: (of, store) => raftChecks.machine(of.managerScope?.name ?? '', of.counting(store)),
        onManager: (of, manager) => {
          if (of.managerScope !== undefined) {
            this.byScope.set(of.managerScope, of);
            this.on.onManager(of, manager);
          }
        },
      },
      {
        ...this.options,
        name: inPlaceOf === undefined ? `h${place}` : `h${place}n${this.made}`,
        place,
        nodeId: `node${this.made}`,
        clusterId: 'cluster',
        role,
        seeds,
      },
    );
    this.hosts.push(host);
    return host;
  }

  /** As `swarm join` does it: the leader writes the node down, then the machine starts. */
  join(host: Host): void {
    const { world } = this.on;
    const store = this.leader()?.manager?.parts.store;
    const again = () => world.schedule(host.supervisor, JOIN_RETRY_MS, () => this.join(host));
    if (store === undefined) {
      again();
      return;
    }
    const written = store.update((tx) => {
      if (tx.get('node', host.nodeId) === undefined) {
        tx.create('node', joinedNode(host));
      }
    });
    within(world, host.supervisor, ANSWER_MS, written).then(() => host.start(), again);
  }

  /** Fire: nothing of the machine is left, and nobody answers in its place. */
  lose(host: Host): void {
    host.destroy();
    this.gone.snapshots += host.snapshotsReceived;
    this.gone.torn += host.disk.torn;
    this.hosts.splice(this.hosts.indexOf(host), 1);
  }

  ofManager(scope: Scope): Host | undefined {
    return this.byScope.get(scope);
  }

  /** The newest of those that lead as far as they know. */
  leader(): Host | undefined {
    const term = (host: Host) => host.manager?.core?.status().term ?? 0;
    return this.hosts
      .filter((host) => host.manager?.leads === true && host.managerScope?.dead === false)
      .toSorted((a, b) => term(b) - term(a))[0];
  }

  /** Where a machine that joins now would ask. */
  seeds(): readonly ManagerPeer[] {
    return this.hosts
      .filter(({ role }) => role === 'manager')
      .map(({ nodeId, place }) => ({ nodeId, address: addressOf(place) }));
  }

  managerPlaces(): readonly Place[] {
    return this.hosts.filter((host) => host.manager?.raft !== undefined).map(({ place }) => place);
  }

  places(): readonly Place[] {
    return this.hosts.map(({ place }) => place);
  }
}

/** How many of each role a history begins with. */
export function drawSize(random: Random): { readonly managers: number; readonly workers: number } {
  const managers = [1, 3, 3, 3, 3, 4, 5, 5][randomInt(random, 0, 7)] ?? 3;
  return { managers, workers: randomInt(random, 0, 2) };
}

/** What the certificate authority writes of a node; every second one has a certificate that is due for its age. */
export function joinedNode({ nodeId, role, place }: Host): Node {
  const { description: _unknown, certificate, ...joined } = node({ id: nodeId, role });
  return {
    ...joined,
    certificate: { ...certificate, expiresAt: place % 2 === 0 ? FAR_MS : 0 },
    status: { state: 'unknown', message: '', address: '' },
  };
}
