// One scenario of force on a real cluster: a load of registers and of workers' traffic runs while a fault does its
// work; afterwards everything must be whole again, nothing acknowledged lost, no request failed. What was seen is
// one line of figures, for the test's output and for the bench.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../shared/clock.ts';
import { connectLocalManager, localContext } from '../../../daemon/node/local_manager.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import { addressOf, type Host, lab, namespaceOf, runDirectoryOf } from './lab.ts';
import { Load, type LoadReport, loadService } from './load.ts';
import { measured } from './measures.ts';
import { type RegisterReport, RegisterLoad } from './registers.ts';
import { service } from './services.ts';

export const PORT = 8070;
/** Replicas that may run on any node, managers too: they tell when all is whole again. */
const SPREAD = 4;
const WEB = 2;
const WRITERS = 6;
const WRITE_PAUSE_MS = 20;
const TRAFFIC_PAUSE_MS = 60;
/** Managers are asked this often who leads. */
const LOOK_MS = 20;
const LOOK_LIMIT_MS = 500;
/** A strike after which nobody leads for so long is a finding. */
const LEADER_LIMIT_MS = 20_000;
const WHOLE_LIMIT_MS = 45_000;
/** Time between the load's start and the first fault, and between the last and the load's end. */
const CALM_MS = 1_000;

export const isLong = process.env['SKEIN_LONG_TESTS'] === '1';
/** How long a scenario goes on striking. */
export const STRIKING_MS = isLong ? 60_000 : 5_000;

/** What one scenario showed. */
export interface Figures {
  readonly scenario: string;
  readonly acknowledged: number;
  /** Registers whose history no order explains: an acknowledged write lost or changed, or a stale read. */
  readonly lost: number;
  readonly unknown: number;
  readonly reads: number;
  /** From each strike at a leader until another manager leads. */
  readonly leaderlessMs: readonly number[];
  /** The longest time in which no write was acknowledged. */
  readonly silenceMs: number;
  /** From the end of the faults until all replicas run and all managers are reachable. */
  readonly wholeMs: number;
  readonly requests: number;
  readonly failedRequests: number;
}

/** What a scenario may do. */
export interface Striker {
  readonly cluster: Cluster;
  /** Whether the time of striking is over. */
  over(): boolean;
  /** Who leads, by the word of the managers themselves. */
  leader(): Promise<Host>;
  /** Does the deed, then waits until one of the others leads; notes how long that took. */
  strikeLeader(victim: Host, deed: () => Promise<void> | void): Promise<void>;
  /** Managers for the time after: some may have gone, others have come. */
  setManagers(hosts: readonly Host[]): void;
}

export interface Scenario {
  readonly name: string;
  readonly run: (striker: Striker) => Promise<void>;
  /** Undoes what is left of the faults. */
  readonly heal?: () => Promise<void>;
}

export class Force {
  private readonly cluster: Cluster;
  private readonly workers: readonly Host[];
  private managers: readonly Host[];
  private vip = '';
  private askers: readonly string[] = [];

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.workers = cluster.workers;
    this.managers = cluster.managers;
  }

  /** Services and clients that live through all scenarios of a file. */
  async prepare(): Promise<void> {
    const { cluster } = this;
    const onWorkers = { Constraints: ['node.role == worker'] };
    await cluster.on('h1').createNetwork('force');
    await cluster
      .on('h1')
      .createService(
        service(
          'web',
          loadService({ replicas: WEB, networks: ['force'], publish: PORT, placement: onWorkers }),
        ),
      );
    await cluster
      .on('h1')
      .createService(
        service('asker', { replicas: WEB, networks: ['force'], placement: onWorkers, shell: 'sleep 100000' }),
      );
    await cluster.on('h1').createService(service('spread', { replicas: SPREAD }));
    await cluster.whole('web', WEB, 30_000);
    await cluster.whole('spread', SPREAD, 30_000);
    this.vip = await cluster.vip('web', 'force');
    const asking = await cluster.whole('asker', WEB, 30_000);
    this.askers = await Promise.all(
      asking.map(async (task) => join(runDirectoryOf(await cluster.hostOf(task)), 'netns', task.ID)),
    );
  }

  async run(scenario: Scenario, seed: number): Promise<Figures> {
    const registers = new RegisterLoad({
      seed,
      clients: Array.from({ length: WRITERS }, (_, at) => this.managers[at % this.managers.length] ?? 'h1'),
      readers: this.managers,
      configs: 5,
      services: 3,
      nodes: this.workers,
      pauseMs: WRITE_PAUSE_MS,
    });
    const watch = new LeaderWatch(this.managers);
    const traffic = this.traffic();
    const leaderlessMs: number[] = [];
    let wholeMs = 0;
    try {
      await registers.start(this.managers[0] ?? 'h1');
      await delay(CALM_MS);
      const end = performance.now() + STRIKING_MS;
      await scenario.run({
        cluster: this.cluster,
        over: () => performance.now() >= end,
        leader: () => eventually('a leader', LEADER_LIMIT_MS, () => watch.leader()),
        setManagers: (hosts) => {
          this.managers = hosts;
          watch.setHosts(hosts);
        },
        strikeLeader: async (victim, deed) => {
          const start = performance.now();
          await deed();
          await eventually(`another leader than ${victim}`, LEADER_LIMIT_MS, () => watch.leader(victim));
          leaderlessMs.push(performance.now() - start);
        },
      });
      await scenario.heal?.();
      const healed = performance.now();
      await this.whole();
      wholeMs = performance.now() - healed;
      await delay(CALM_MS);
    } catch (error) {
      await scenario.heal?.();
      // What went wrong is told, not what follows from it.
      await registers.end([]);
      await Promise.all(traffic.map((load) => load.end()));
      throw error;
    } finally {
      watch.close();
    }
    const report = await registers.end(this.managers);
    const requests = await Promise.all(traffic.map((load) => load.end()));
    await registers.clear(this.managers[0] ?? 'h1');
    const figures: Figures = {
      scenario: scenario.name,
      acknowledged: report.acknowledged,
      lost: report.broken === undefined ? 0 : 1,
      unknown: report.unknown,
      reads: report.reads,
      leaderlessMs,
      silenceMs: longestSilence(report),
      wholeMs,
      requests: requests.reduce((sum, { answered }) => sum + answered, 0),
      failedRequests: requests.reduce((sum, { failures }) => sum + failures.length, 0),
    };
    await publish(figures);
    if (report.broken !== undefined) {
      throw new Error(`no order explains ${report.broken}:\n${registers.told(report.broken)}`);
    }
    refuseFailures(requests);
    return figures;
  }

  /** Clients that ask without pause: the mesh from outside, the virtual address from inside. */
  traffic(): readonly Load[] {
    const outside = this.workers.map((host) => ({
      from: namespaceOf('client'),
      address: addressOf(host),
      port: PORT,
    }));
    const inside = this.askers.map((from) => ({ from, address: this.vip, port: 80 }));
    return [...outside, ...inside].map(
      (where, at) => new Load({ ...where, keepAlive: at % 2 === 0, pauseMs: TRAFFIC_PAUSE_MS }),
    );
  }

  /** All replicas run, every node is ready, every manager reachable. */
  private async whole(): Promise<void> {
    const [witness = 'h1'] = this.managers;
    const within = WHOLE_LIMIT_MS;
    const start = performance.now();
    await eventually('every manager reachable, every worker ready', within, async () => {
      const nodes = await this.cluster.on(witness).nodes();
      const trouble = nodes.filter(
        ({ Description, Status, ManagerStatus }) =>
          [...this.managers, ...this.workers].includes(Description.Hostname as Host) &&
          (Status.State !== 'ready' || (ManagerStatus?.Reachability ?? 'reachable') !== 'reachable'),
      );
      if (trouble.length > 0) {
        throw new Error(
          trouble
            .map(
              (node) =>
                `${node.Description.Hostname} ${node.Status.State} ${node.ManagerStatus?.Reachability}`,
            )
            .join(', '),
        );
      }
      return true;
    });
    measured('managers and workers are back', performance.now() - start);
    await this.cluster.whole('spread', SPREAD, within, witness);
    await this.cluster.whole('web', WEB, within, witness);
  }
}

/** @throws Error that names the first requests that failed */
export function refuseFailures(requests: readonly LoadReport[]): void {
  const failures = requests.flatMap((load) => load.failures);
  if (failures.length > 0) {
    throw new Error(`requests of the workers' clients failed:\n${failures.slice(0, 20).join('\n')}`);
  }
}

function longestSilence({ writes }: RegisterReport): number {
  let longest = 0;
  for (const [at, write] of writes.entries()) {
    longest = Math.max(longest, write.answeredAt - (writes[at - 1]?.answeredAt ?? write.answeredAt));
  }
  return longest;
}

/** Asks every manager process, over its own socket, whether it leads. */
class LeaderWatch {
  private readonly connections = new Map<Host, ReturnType<typeof connectLocalManager>>();

  constructor(hosts: readonly Host[]) {
    this.setHosts(hosts);
  }

  setHosts(hosts: readonly Host[]): void {
    for (const [host, connection] of this.connections) {
      if (!hosts.includes(host)) {
        connection.close();
        this.connections.delete(host);
      }
    }
    for (const host of hosts) {
      if (!this.connections.has(host)) {
        this.connections.set(
          host,
          connectLocalManager(systemClock, join(runDirectoryOf(host), 'manager.sock')),
        );
      }
    }
  }

  /** The first that says so; managers that do not answer do not lead. */
  async leader(except?: Host): Promise<Host | undefined> {
    const found = await Promise.all(
      [...this.connections]
        .filter(([host]) => host !== except)
        .map(async ([host, manager]) => {
          const state = await manager.getState(localContext(LOOK_LIMIT_MS)).catch(() => undefined);
          return state?.leader === true ? host : undefined;
        }),
    );
    await delay(LOOK_MS);
    return found.find((host) => host !== undefined);
  }

  close(): void {
    for (const connection of this.connections.values()) {
      connection.close();
    }
  }
}

/** One line for the reader, and one of JSON for the bench (SKEIN_FORCE_REPORT names its file). */
async function publish(figures: Figures): Promise<void> {
  const leaderless = figures.leaderlessMs.map((ms) => Math.round(ms)).join(' ');
  process.stderr.write(
    `measured: ${figures.scenario}: ${figures.acknowledged} writes acknowledged, ${figures.lost} lost, ${figures.unknown} unanswered, ` +
      `${figures.reads} reads; no leader for ${leaderless} ms; longest silence ${Math.round(figures.silenceMs)} ms; ` +
      `whole after ${Math.round(figures.wholeMs)} ms; ${figures.requests} requests, ${figures.failedRequests} failed\n`,
  );
  const file = process.env['SKEIN_FORCE_REPORT'];
  if (file !== undefined) {
    await appendFile(file, `${JSON.stringify(figures)}\n`);
  }
}

/** Undoes every cut and loss. */
export async function healNetwork(): Promise<void> {
  await lab.heal();
}
