// One machine of the cluster: its disk, clock and containers, and on them the daemon's processes: the agent, and the
// manager as long as the node has that role. It starts them, and starts them again when they die.

import type { StateMachine } from '../../manager/raft/api.ts';
import type { ConsensusOptions } from '../../manager/raft/options.ts';
import type { Transport } from '../../manager/raft/transport/api.ts';
import { StreamTransport } from '../../manager/raft/transport/transport.ts';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { Random } from '../../shared/random.ts';
import { AgentProcess } from './agent_process.ts';
import { ClaimsOnMachine } from './claims.ts';
import { PlainContainers } from './plain_containers.ts';
import { DatagramTransport } from './datagram_transport.ts';
import { SimDisk } from './disk.ts';
import { Machine } from './executor.ts';
import { addressOf, ManagerProcess, type MemberRecord } from './manager_process.ts';
import type { Place } from './network.ts';
import type { Rpc } from './rpc.ts';
import { HostTime, Scope, SimClock, Violation, type World } from './world.ts';

export interface HostOptions {
  /** In what is printed; no other machine of the history has it. */
  readonly name: string;
  readonly place: Place;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly role: 'manager' | 'worker';
  readonly transport: 'datagram' | 'stream';
  readonly raft: Partial<ConsensusOptions>;
  readonly seeds: readonly ManagerPeer[];
}

export interface HostDependencies {
  readonly world: World;
  readonly rpc: Rpc;
  readonly hostOfNode: (nodeId: string) => Host | undefined;
  readonly hostAt: (place: Place) => Host | undefined;
  readonly wrap: (host: Host, store: StateMachine) => StateMachine;
  readonly onManager: (host: Host, manager: ManagerProcess) => void;
  /** The plain containers of all machines that stand. */
  readonly everywhere: () => readonly PlainContainers[];
}

/** The daemon starts a process again after this long. */
const RESTART_MS = 300;

export class Host {
  readonly place: Place;
  readonly nodeId: string;
  readonly disk: SimDisk;
  readonly time: HostTime;
  readonly containers = new Machine();
  readonly claims = new ClaimsOnMachine();
  readonly plainContainers = new PlainContainers();
  readonly options: HostOptions;
  manager: ManagerProcess | undefined;
  managerScope: Scope | undefined;
  agent: AgentProcess | undefined;
  /** The certificate's role. */
  role: 'manager' | 'worker';
  /** The file that names this member; undefined before it joined. */
  member: MemberRecord | undefined;
  bootstrap = false;
  lives = 0;
  snapshotsReceived = 0;
  /** While the machine has no power, or the daemon is held down. */
  down = false;
  /** Set up: until then its daemon has nothing to bring up, whatever happens to the machine. */
  private entered = false;
  private readonly on: HostDependencies;
  /** The daemon's own part, which lives as long as the machine. */
  readonly supervisor: Scope;
  /** As the state file has them: what was told last, or whom to ask first. */
  private readonly managers: { list: readonly ManagerPeer[] };

  constructor(dependencies: HostDependencies, options: HostOptions) {
    this.on = dependencies;
    this.options = options;
    this.place = options.place;
    this.nodeId = options.nodeId;
    this.role = options.role;
    this.managers = { list: options.seeds };
    const { world } = dependencies;
    const random = world.random(`host ${options.name.slice(1)}`);
    this.disk = new SimDisk(world, world.random(`disk ${options.name.slice(1)}`));
    this.time = new HostTime(0.97 + 0.06 * random.next(), Math.floor((random.next() - 0.5) * 2_000));
    this.supervisor = new Scope(options.name);
  }

  get name(): string {
    return this.options.name;
  }

  start(): void {
    this.down = false;
    this.entered = true;
    this.supervise();
  }

  // ---- deaths ----

  /** The process ends; the machine lives on, and with it all that was written. */
  killManager(why: string): void {
    if (this.managerScope !== undefined) {
      this.on.world.log(this.name, `manager dies: ${why}`);
      this.managerScope.dead = true;
      this.manager = undefined;
      this.managerScope = undefined;
    }
  }

  killAgent(why: string): void {
    if (this.agent !== undefined) {
      this.on.world.log(this.name, `agent dies: ${why}`);
      this.agent.scope.dead = true;
      this.agent = undefined;
    }
  }

  powerLoss(): void {
    this.down = true;
    this.killManager('power loss');
    this.killAgent('power loss');
    this.disk.powerLoss();
    this.containers.powerLoss();
    this.plainContainers.powerLoss();
  }

  /** Where its agent looks for managers: as many as it had heard of when it last had a session. */
  get knownManagers(): readonly ManagerPeer[] {
    return this.managers.list;
  }

  /** Power loss for good. */
  destroy(): void {
    this.powerLoss();
    this.supervisor.dead = true;
  }

  /** The machine stands still (a suspended guest, a stopped process), then goes on where it was. */
  pause(until: number): void {
    for (const scope of [this.managerScope, this.agent?.scope]) {
      if (scope !== undefined) {
        scope.pausedUntil = until;
      }
    }
  }

  unpause(): void {
    this.pause(0);
  }

  /** Counts the snapshots that arrive. */
  counting(store: StateMachine): StateMachine {
    return {
      apply: (entry) => store.apply(entry),
      snapshot: () => store.snapshot(),
      restore: async (index, chunks) => {
        this.snapshotsReceived += 1;
        await store.restore(index, chunks);
        const version = this.manager?.parts.store.version;
        if (version !== index) {
          const what = `${this.name} restored a snapshot of entry ${index}, its store is at ${version}`;
          this.on.world.violate(new Violation('snapshot-index', what));
        }
      },
    };
  }

  // ---- the manager ----

  startManager(): void {
    if (this.managerScope !== undefined || this.down || this.supervisor.dead) {
      return;
    }
    const { world } = this.on;
    this.lives += 1;
    const scope = new Scope(`${this.name}.m${this.lives}`);
    this.managerScope = scope;
    const clock = new SimClock(world, scope, this.time);
    const random = world.random(scope.name);
    const manager = new ManagerProcess({
      scope,
      clock,
      random,
      log: this.logger(scope),
      disk: this.disk,
      rpc: this.on.rpc,
      place: this.place,
      nodeId: this.nodeId,
      clusterId: this.options.clusterId,
      placeOf: (nodeId) => this.on.hostOfNode(nodeId)?.place,
      makeTransport: (raftId) => this.transport(scope, clock, random, raftId, manager),
      wrap: (store) => this.on.wrap(this, store),
      onFatal: (error) => this.fatal(scope, error),
    });
    this.manager = manager;
    this.on.onManager(this, manager);
    this.enter(manager, scope).catch((error: unknown) => this.fatal(scope, error));
  }

  private async enter(manager: ManagerProcess, scope: Scope): Promise<void> {
    const address = addressOf(this.place);
    if (this.member === undefined) {
      const others = this.managers.list.map((peer) => peer.address).filter((peer) => peer !== address);
      const joined = await manager.join(others, address);
      if (scope.dead) {
        return;
      }
      this.member = joined;
    }
    await manager.start(this.member, address, this.bootstrap, this.options.raft);
    this.on.world.log(this.name, `manager runs as ${this.member.raftId}`);
  }

  private transport(
    scope: Scope,
    clock: Clock,
    random: Random,
    raftId: number,
    manager: ManagerProcess,
  ): Transport {
    const { world, rpc } = this.on;
    if (this.options.transport === 'stream') {
      return new StreamTransport(
        { clock, random, logger: this.logger(scope), connect: (address) => manager.connect(address) },
        { raftId, address: addressOf(this.place), nodeId: this.nodeId },
      );
    }
    const transport = new DatagramTransport(
      {
        world,
        network: rpc.network,
        scope,
        place: this.place,
        placeOf: (nodeId) => this.on.hostOfNode(nodeId)?.place,
        peerAt: (place) => this.on.hostAt(place)?.datagrams,
      },
      raftId,
    );
    this.transports.set(scope, transport);
    return transport;
  }

  private readonly transports = new WeakMap<Scope, DatagramTransport>();

  /** Where datagrams to this machine's manager arrive. */
  get datagrams(): DatagramTransport | undefined {
    return this.managerScope === undefined ? undefined : this.transports.get(this.managerScope);
  }

  /** The process ends itself. Only a fault of its disk, or no way into the cluster, is a good reason. */
  private fatal(scope: Scope, error: unknown): void {
    if (scope.dead || this.managerScope !== scope) {
      return;
    }
    const { world } = this.on;
    const expected =
      this.disk.faultsMet > 0
        ? /ENOSPC|EIO/.test(messages(error))
        : error instanceof SkeinError && (error.kind === 'unavailable' || error.kind === 'timeout');
    const entering = error instanceof SkeinError && this.member === undefined;
    if (!expected && !entering) {
      world.violate(new Violation('no-fatal', `${this.name}: ${errorMessage(error)}`, error));
    }
    this.killManager(errorMessage(error));
    world.schedule(this.supervisor, RESTART_MS, () => this.supervise());
  }

  /** Brings up whatever should run and does not. */
  supervise(): void {
    if (this.down || !this.entered || this.supervisor.dead) {
      return;
    }
    if (this.agent === undefined) {
      this.startAgent();
    }
    if (this.role === 'manager' && this.managerScope === undefined) {
      this.startManager();
    }
  }

  // ---- the agent ----

  private startAgent(): void {
    const { world, rpc } = this.on;
    this.lives += 1;
    const scope = new Scope(`${this.name}.a${this.lives}`);
    this.agent = new AgentProcess(
      {
        scope,
        clock: new SimClock(world, scope, this.time),
        random: world.random(scope.name),
        log: this.logger(scope),
        rpc,
        containers: this.containers,
        claims: this.claims,
        world,
        plainContainers: this.plainContainers,
        everywhere: this.on.everywhere,
        managers: this.managers,
        role: () => this.role,
        certify: (role) => {
          this.role = role;
        },
        takeUp: (role) => this.takeUp(role),
      },
      {
        place: this.place,
        nodeId: this.nodeId,
        clusterId: this.options.clusterId,
        hostname: this.name,
      },
    );
    this.agent.start();
  }

  /** As the daemon does: raft's state of before is forgotten, a manager joins anew. */
  private takeUp(role: 'manager' | 'worker'): void {
    this.on.world.log(this.name, `becomes ${role}`);
    this.killManager('its role is taken up');
    this.member = undefined;
    this.bootstrap = false;
    this.disk.wipe();
    if (role === 'manager') {
      this.startManager();
    }
  }

  private logger(scope: Scope): Logger {
    const { world } = this.on;
    const line = (level: string) => (fields: object, message: string) => {
      world.onLine?.(
        `${world.now.toFixed(2).padStart(10)} ${scope.name.padEnd(10)} ${level} ${message} ${JSON.stringify(fields)}`,
      );
    };
    const logger: Logger = {
      debug: () => undefined,
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child: () => logger,
    };
    return logger;
  }
}

function messages(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` ${messages(error.cause)}` : '';
  return errorMessage(error) + cause;
}
