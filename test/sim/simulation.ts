// One history: a cluster is founded, grows to its size, works under faults, and comes to rest. Composes machines,
// clients, faults and checks; decides nothing about any of them.
import { createIngressNetwork } from '../../manager/allocator/ingress_network.ts';
import { type Random, randomInt } from '../../shared/random.ts';
import { cluster, network, secret } from '../support/objects.ts';
import { applyFault, type FaultHost } from './apply_fault.ts';
import { Client } from './clients.ts';
import { drawFaults, drawMachineFaults, type Fault, faultLine } from './faults.ts';
import { drawSize, Fleet, joinedNode } from './fleet.ts';
import type { Host } from './host.ts';
import { unexplained } from '../support/linearizable.ts';
import { addressOf } from './manager_process.ts';
import { Network } from './network.ts';
import { Operator } from './operator.ts';
import { RaftChecks } from './raft_checks.ts';
import { restlessness } from './rest.ts';
import { Rpc } from './rpc.ts';
import { contentOf, StoreChecks } from './store_checks.ts';
import { Scope, Violation, World } from './world.ts';

/** Virtual time, ms. */
const SETUP_MS = 30_000;
/** After the last fault is over, all replicas run on live nodes and all stores are equal within this. */
export const REST_WITHIN_MS = 60_000;
const REST_LOOK_MS = 200;
const MACHINES_SHARE = 0.4;

export interface SimulationOptions {
  readonly seed: number;
  /** Instead of those that the seed draws. */
  readonly faults?: readonly Fault[];
  /** Of the histories, the share in which machines come and go for good; 0.4. */
  readonly machinesShare?: number;
  readonly onLine?: (line: string) => void;
}

export interface Outcome {
  readonly seed: number;
  readonly fingerprint: string;
  readonly faults: readonly Fault[];
  readonly violation: Violation | undefined;
  readonly stats: Stats;
}

export interface Stats {
  readonly events: number;
  readonly virtualMs: number;
  readonly restMs: number;
  readonly elections: number;
  readonly commits: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly torn: number;
  readonly snapshots: number;
  readonly managers: number;
  readonly workers: number;
  /** Plain containers that were given addresses on the cluster's network, and those that were not. */
  readonly attached: number;
  readonly unattached: number;
  /** Machines that were lost for good, removed, and another set up. */
  readonly replaced: number;
}

/** Runs one history to its end or its first violation. Anything else that is thrown is a fault of the simulator. */
export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const simulation = new Simulation(options);
  const violation = await simulation.run();
  return {
    seed: options.seed,
    fingerprint: simulation.world.fingerprint,
    faults: simulation.faults,
    violation,
    stats: simulation.stats(),
  };
}

export class Simulation implements FaultHost {
  readonly world: World;
  readonly network: Network;
  readonly rpc: Rpc;
  readonly raftChecks: RaftChecks;
  readonly storeChecks: StoreChecks;
  readonly fleet: Fleet;
  readonly operator: Operator;
  readonly clients: Client[] = [];
  readonly harness = new Scope('harness');
  readonly faults: readonly Fault[];
  private readonly random: Random;
  private readonly managers: number;
  private readonly workers: number;
  private readonly faultMs: number;
  private restMs = 0;

  constructor(options: SimulationOptions) {
    this.world = new World(options.seed);
    this.world.onLine = options.onLine;
    this.random = this.world.random('shape');
    this.network = new Network(this.world, this.world.random('network'));
    this.rpc = new Rpc(this.world, this.network);
    this.raftChecks = new RaftChecks(this.world);
    this.storeChecks = new StoreChecks(this.world);
    ({ managers: this.managers, workers: this.workers } = drawSize(this.random));
    this.faultMs = randomInt(this.random, 8_000, 20_000);
    this.faults = options.faults ?? this.drawFaults(options.machinesShare ?? MACHINES_SHARE);
    this.fleet = this.makeFleet();
    this.operator = new Operator({ world: this.world, scope: this.harness, fleet: this.fleet });
    this.world.afterEvent = (scope) => this.check(scope);
  }

  async run(): Promise<Violation | undefined> {
    try {
      this.build();
      await this.until(SETUP_MS, 'the cluster comes up', () => this.isUp());
      await this.work();
      await this.rest();
      await this.finalReads();
      // The end of a drain may have come meanwhile.
      await this.untilRest();
      await this.sameVersions();
      this.compareStores();
      this.explainHistory();
      return undefined;
    } catch (error) {
      if (error instanceof Violation) {
        return error;
      }
      throw error;
    }
  }

  stats(): Stats {
    const sum = (of: (client: Client) => number) => this.clients.reduce((total, each) => total + of(each), 0);
    return {
      events: this.world.events,
      virtualMs: Math.round(this.world.now),
      restMs: Math.round(this.restMs),
      elections: this.raftChecks.elections,
      commits: this.raftChecks.commits,
      acknowledged: sum((client) => client.acknowledged),
      unknown: sum((client) => client.unknown),
      torn: this.fleet.hosts.reduce((total, host) => total + host.disk.torn, this.fleet.gone.torn),
      snapshots: this.fleet.hosts.reduce(
        (total, host) => total + host.snapshotsReceived,
        this.fleet.gone.snapshots,
      ),
      attached: this.fleet.hosts.reduce((total, host) => total + host.plainContainers.given, 0),
      unattached: this.fleet.hosts.reduce((total, host) => total + host.plainContainers.refused, 0),
      managers: this.managers,
      workers: this.workers,
      replaced: this.operator.replaced,
    };
  }

  // ---- phases ----

  private drawFaults(machinesShare: number): readonly Fault[] {
    const faults = drawFaults(this.world.random('faults'), 0, this.faultMs);
    const random = this.world.random('machines');
    const machines = random.next() < machinesShare ? drawMachineFaults(random, 0, this.faultMs) : [];
    return [...faults, ...machines].toSorted((a, b) => a.at - b.at);
  }

  private makeFleet(): Fleet {
    const snapshotEveryEntries = [15, 40, 150, 1_000][randomInt(this.random, 0, 3)] ?? 40;
    const keepEntries = [0, 5, 20][randomInt(this.random, 0, 2)] ?? 5;
    const transport = this.random.next() < 0.7 ? 'datagram' : 'stream';
    const raft = { snapshotEveryEntries, keepEntries, proposalTimeoutMs: 8_000, readTimeoutMs: 4_000 };
    const { world, rpc, raftChecks, storeChecks, managers, workers } = this;
    world.log('harness', `${managers} managers, ${workers} workers, ${JSON.stringify(raft)}, ${transport}`);
    return new Fleet(
      {
        world,
        rpc,
        raftChecks,
        onManager: (host, manager) => storeChecks.watch(host.managerScope?.name ?? '', manager.parts.store),
      },
      { transport, raft },
    );
  }

  private build(): void {
    const seeds = Array.from({ length: this.managers }, (_, at) => ({
      nodeId: `node${at + 1}`,
      address: addressOf(at + 1),
    }));
    for (let at = 0; at < this.managers + this.workers; at += 1) {
      this.fleet.add(at < this.managers ? 'manager' : 'worker', seeds);
    }
    const first = this.fleet.hosts[0];
    if (first !== undefined) {
      first.bootstrap = true;
      first.member = { raftId: 1_001, members: [] };
      first.start();
      this.found(first);
    }
  }

  /** As `swarm init` and the joins that follow it; what the CA would write of the nodes is written here. */
  private found(first: Host): void {
    this.poll(20, () => {
      const manager = first.manager;
      if (manager === undefined || !manager.leads) {
        return false;
      }
      void manager.parts.store
        .update((tx) => {
          tx.create('cluster', cluster());
          createIngressNetwork(tx, this.world.random('ingress'));
          tx.create(
            'network',
            network({
              id: 'net-blue',
              spec: { ...network({ id: 'blue' }).spec, name: 'blue', attachable: true },
            }),
          );
          tx.create('secret', secret({ id: 'secret-0' }));
          for (const host of this.fleet.hosts) {
            tx.create('node', joinedNode(host));
          }
        })
        .then(() => {
          for (const host of this.fleet.hosts.slice(1)) {
            host.start();
          }
        });
      return true;
    });
  }

  private async work(): Promise<void> {
    const begin = this.world.now;
    const pauseMs = randomInt(this.random, 30, 200);
    for (let number = 1; number <= 3; number += 1) {
      const client = new Client(
        { world: this.world, rpc: this.rpc, managers: () => this.fleet.managerPlaces() },
        { name: `c${number}`, registers: 3, services: 4, pauseMs },
      );
      this.clients.push(client);
      client.start();
    }
    for (const fault of this.faults) {
      this.world.schedule(this.harness, fault.at, () => {
        this.world.log('fault', faultLine(fault));
        applyFault(this, fault);
      });
    }
    await this.world.run(begin + this.faultMs);
  }

  /** All faults end; then everything must come to rest by itself. */
  private async rest(): Promise<void> {
    this.world.log('harness', 'faults are over');
    this.network.healAll();
    for (const client of this.clients) {
      client.stopped = true;
    }
    for (const host of this.fleet.hosts) {
      Object.assign(host.disk.faults, { slowness: 1, failSync: false, full: false });
      host.containers.failures = 0;
      host.plainContainers.stopped = true;
      host.unpause();
      host.down = false;
      host.supervise();
    }
    let isOver = false;
    this.poll(500, () => {
      if (!isOver) {
        this.operator.activateAll();
        this.operator.readmitStranded();
      }
      return isOver;
    });
    const begin = this.world.now;
    await this.untilRest();
    this.restMs = this.world.now - begin;
    isOver = true;
  }

  private untilRest(): Promise<void> {
    return this.until(
      REST_WITHIN_MS,
      'everything comes to rest',
      () => this.operator.todo ?? restlessness(this.fleet.hosts),
    );
  }

  private async finalReads(): Promise<void> {
    const client = this.clients[0];
    let left = this.fleet.managerPlaces().length;
    for (const place of this.fleet.managerPlaces()) {
      void client?.readAll(place).then((done) => {
        left -= done ? 1 : 0;
      });
    }
    await this.until(REST_WITHIN_MS, 'every manager answers', () =>
      left === 0 ? undefined : `${left} do not`,
    );
  }

  /** A follower hears of the last commit with the next heartbeat. */
  private sameVersions(): Promise<void> {
    return this.until(REST_WITHIN_MS, 'every manager has applied the same', () => {
      const versions = this.fleet.hosts.flatMap((host) => host.manager?.parts.store.version ?? []);
      return new Set(versions).size <= 1 ? undefined : `stores at ${versions.join(', ')}`;
    });
  }

  private compareStores(): void {
    const contents = this.fleet.hosts.flatMap((host) =>
      host.manager === undefined ? [] : [{ host, content: contentOf(host.manager.parts.store.view) }],
    );
    for (const { host, content } of contents) {
      const first = contents[0];
      if (first !== undefined && content !== first.content) {
        const at = [...content].findIndex((letter, place) => letter !== first.content[place]);
        const around = (text: string) => text.slice(Math.max(0, at - 120), at + 60);
        throw new Violation(
          'stores-equal',
          `the store of ${host.name} differs from ${first.host.name}'s:\n${around(content)}\n${around(first.content)}`,
        );
      }
    }
  }

  private explainHistory(): void {
    const key = unexplained(this.clients.flatMap((client) => client.history));
    if (key !== undefined) {
      const lines = this.clients
        .flatMap((client) => client.history)
        .filter((operation) => operation.key === key)
        .toSorted((a, b) => a.calledAt - b.calledAt)
        .map(
          ({ client, action, calledAt, answeredAt }) =>
            `${client} ${calledAt.toFixed(1)}-${answeredAt.toFixed(1)} ${JSON.stringify(action)}`,
        );
      throw new Violation('linearizable', `no order explains ${key}:\n${lines.join('\n')}`);
    }
  }

  // ---- while it runs ----

  private check(scope: Scope): void {
    const host = this.fleet.ofManager(scope);
    if (host !== undefined && !scope.dead) {
      const core = host.manager?.core;
      if (core !== undefined && host.managerScope === scope) {
        // What reached a paused process before it was cut off is handled when it goes on.
        const isolated =
          scope.pausedUntil < this.world.now && this.network.isIsolated(host.place, this.fleet.places());
        this.raftChecks.check(scope.name, core, isolated);
      }
      return;
    }
    for (const each of this.fleet.hosts) {
      if (each.agent?.scope === scope && each.agent.assignments !== undefined) {
        this.storeChecks.checkNode(each.name, each.agent.assignments);
      }
    }
  }

  private isUp(): string | undefined {
    const leader = this.fleet.leader()?.manager;
    const members = leader?.raft?.status().members ?? [];
    const voters = members.filter((member) => !member.learner).length;
    const ready = [...(leader?.parts.store.view.all('node') ?? [])].filter(
      (each) => each.status.state === 'ready',
    );
    return voters === this.managers && ready.length === this.fleet.hosts.length
      ? undefined
      : `${voters} voters, ${ready.length} nodes are ready`;
  }

  /** Calls again and again until it says true. */
  poll(everyMs: number, done: () => boolean): void {
    this.world.schedule(this.harness, everyMs, () => {
      if (!done()) {
        this.poll(everyMs, done);
      }
    });
  }

  /** @param missing says what is not yet so; undefined when all is. */
  private async until(limitMs: number, what: string, missing: () => string | undefined): Promise<void> {
    const end = this.world.now + limitMs;
    let lacks: string | undefined = '?';
    while (this.world.now < end) {
      await this.world.run(Math.min(end, this.world.now + REST_LOOK_MS));
      lacks = missing();
      if (lacks === undefined) {
        return;
      }
    }
    throw new Violation('comes-to-rest', `in ${limitMs} ms of virtual time not: ${what}: ${lacks}`);
  }
}
