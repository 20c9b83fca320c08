// Users of one machine who start and stop plain containers on the cluster's attachable network, through the product's
// own attachments. Containers live on the machine: they outlive the agent's process, but not the machine's power.
import type { Id } from '../../shared/model/meta.ts';
import { type Random, randomInt } from '../../shared/random.ts';
import type { NodeAttachments } from '../../worker/attachment/attachments.ts';
import { type Scope, Violation, type World } from './world.ts';

/** As many as show everything: some on each machine, and some that take each other's place. */
const MOST_ON_A_MACHINE = 3;
const PAUSE_MS = 1_500;
/** Wished for now and then, so that wishes meet. */
const WISHES = ['10.0.1.77', '10.0.1.78', '10.0.2.77', '10.9.9.9'];

/** The containers of one machine that live, with the addresses that they were given. */
export class PlainContainers {
  readonly living = new Map<Id, readonly string[]>();
  /** Starts under way. */
  busy = 0;
  stopped = false;
  /** Starts that were given addresses, and all others. */
  given = 0;
  refused = 0;

  powerLoss(): void {
    this.living.clear();
    this.busy = 0;
  }
}

export interface ContainerUsersDependencies {
  readonly world: World;
  readonly scope: Scope;
  readonly random: Random;
  readonly attachments: NodeAttachments;
  readonly machine: PlainContainers;
  /** Of all machines that stand, this one too. */
  readonly everywhere: () => readonly PlainContainers[];
}

/** One process' part; ends with it. */
export class ContainerUsers {
  private readonly on: ContainerUsersDependencies;

  constructor(dependencies: ContainerUsersDependencies) {
    this.on = dependencies;
    dependencies.machine.busy = 0;
    dependencies.attachments.onLost(({ containerId }) => dependencies.machine.living.delete(containerId));
  }

  /** Takes up what lives, as the daemon does somewhen after the agent has started. */
  start(): void {
    const { world, scope, random, attachments, machine } = this.on;
    world.schedule(scope, 50 * random.next(), () => {
      void attachments.retain(new Set(machine.living.keys())).then(() => this.next());
    });
  }

  private next(): void {
    const { world, scope, random, machine } = this.on;
    world.schedule(scope, 2 * PAUSE_MS * random.next(), () => {
      if (!machine.stopped) {
        this.act();
        this.next();
      }
    });
  }

  private act(): void {
    const { world, scope, random, machine } = this.on;
    const ids = [...machine.living.keys()];
    const oldest = ids[randomInt(random, 0, Math.max(0, ids.length - 1))];
    if (oldest !== undefined && (ids.length >= MOST_ON_A_MACHINE || random.next() < 0.4)) {
      machine.living.delete(oldest);
      world.log(scope.name, `plain container ${oldest.slice(0, 6)} ends`);
      void this.on.attachments.release(oldest);
    } else if (machine.busy < MOST_ON_A_MACHINE) {
      void this.run();
    }
  }

  private async run(): Promise<void> {
    const { random, machine, attachments, scope } = this.on;
    const containerId = Buffer.from(random.bytes(32)).toString('hex');
    const wish = random.next() < 0.3 ? WISHES[randomInt(random, 0, WISHES.length - 1)] : undefined;
    const network = { target: 'blue', aliases: ['db'], ...(wish !== undefined && { address: wish }) };
    machine.busy += 1;
    try {
      const request = { containerId, containerName: `c${containerId.slice(0, 4)}`, networks: [network] };
      const given = await attachments.attach(request, new AbortController().signal);
      if (!scope.dead) {
        this.take(
          containerId,
          given.flatMap(({ addresses }) => addresses),
        );
      }
    } catch {
      // Refused, or no leader for long: the user tries another one.
      machine.refused += 1;
    } finally {
      machine.busy -= scope.dead ? 0 : 1;
    }
  }

  private take(containerId: Id, addresses: readonly string[]): void {
    const { world, scope, machine, everywhere } = this.on;
    const held = new Set(everywhere().flatMap(({ living }) => [...living.values()].flat()));
    const twice = addresses.find((address) => held.has(address));
    if (twice !== undefined || addresses.length === 0) {
      world.violate(new Violation('given-once', `container ${containerId} was given ${twice ?? 'nothing'}`));
    }
    machine.given += 1;
    machine.living.set(containerId, addresses);
    world.log(scope.name, `plain container ${containerId.slice(0, 6)} has ${addresses.join()}`);
  }
}
