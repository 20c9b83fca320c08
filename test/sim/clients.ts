// Operators who work against random managers all the time and write down what they asked and what they were told.
// Configs and services are their registers: a label holds the value, the object's version guards each swap.

import { SkeinError } from '../../shared/errors.ts';
import type { ServiceSpec } from '../../shared/model/service.ts';
import type { ControlService } from '../../shared/protocol/control.ts';
import { type Random, randomInt } from '../../shared/random.ts';
import { controlMethods } from '../../shared/wire/methods/control.ts';
import { containerSpec, serviceSpec, taskSpec } from '../support/objects.ts';
import type { Action, Operation } from '../support/linearizable.ts';
import { localContext } from './agent_process.ts';
import type { Place } from './network.ts';
import type { Rpc } from './rpc.ts';
import { Scope, Violation, type World } from './world.ts';

export interface ClientDependencies {
  readonly world: World;
  readonly rpc: Rpc;
  /** Places where a manager runs now. */
  readonly managers: () => readonly Place[];
}

export interface ClientOptions {
  readonly name: string;
  readonly registers: number;
  readonly services: number;
  /** Mean pause between two operations, ms. */
  readonly pauseMs: number;
}

/** Made with the cluster; some services use it. */
const SECRET = {
  secretId: 'secret-0',
  secretName: 'secret-0',
  file: { name: 'secret-0', uid: '0', gid: '0', mode: 0o444 },
} as const;

interface Seen {
  readonly id: string;
  readonly version: number;
  readonly value: string;
}

/** These say that nothing was done; after any other failure nobody knows. */
const CERTAIN: ReadonlySet<string> = new Set([
  'not-leader',
  'no-leader',
  'unreachable',
  'raft-starting',
  'store-busy',
  'dropped-with-group',
]);
const CERTAIN_KINDS: ReadonlySet<string> = new Set([
  'invalid',
  'not-found',
  'conflict',
  'already-exists',
  'denied',
]);

export class Client {
  readonly history: Operation[] = [];
  acknowledged = 0;
  unknown = 0;
  failed = 0;
  stopped = false;
  private readonly on: ClientDependencies;
  private readonly options: ClientOptions;
  private readonly random: Random;
  private readonly scope: Scope;
  private readonly seen = new Map<string, Seen>();
  private counter = 0;

  constructor(dependencies: ClientDependencies, options: ClientOptions) {
    this.on = dependencies;
    this.options = options;
    this.random = dependencies.world.random(`client ${options.name}`);
    this.scope = new Scope(options.name);
  }

  start(): void {
    void this.run();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.pause(this.random.next() * 2 * this.options.pauseMs);
      const places = this.on.managers();
      const place = places[randomInt(this.random, 0, Math.max(0, places.length - 1))];
      if (place !== undefined && !this.stopped) {
        await this.one(place);
      }
    }
  }

  /** Reads every key once at that manager: what the history ends with. */
  async readAll(place: Place): Promise<boolean> {
    for (const key of this.keys()) {
      if (!(await this.read(place, key))) {
        return false;
      }
    }
    return true;
  }

  private keys(): readonly string[] {
    const { registers, services } = this.options;
    return [
      ...Array.from({ length: registers }, (_, at) => `config:reg-${at}`),
      ...Array.from({ length: services }, (_, at) => `service:svc-${at}`),
    ];
  }

  private one(place: Place): Promise<boolean> {
    const keys = this.keys();
    // One register is hot: many see it change.
    const key = (this.random.next() < 0.4 ? keys[0] : keys[randomInt(this.random, 0, keys.length - 1)]) ?? '';
    const draw = this.random.next();
    const known = this.seen.get(key);
    if (draw < 0.35 || (known === undefined && draw < 0.55)) {
      return this.read(place, key);
    }
    if (known === undefined) {
      return this.create(place, key);
    }
    return draw < 0.93 ? this.swap(place, key, known) : this.remove(place, key);
  }

  private async read(place: Place, key: string): Promise<boolean> {
    const [table, name = ''] = key.split(':');
    return this.attempt(key, {
      call: async () => {
        const control = this.control(place);
        const found =
          table === 'config'
            ? await control.getConfig({ ref: name }, localContext())
            : await control.getService({ ref: name, insertDefaults: false }, localContext());
        const value = found.spec.labels['v'] ?? '';
        this.seen.set(key, { id: found.id, version: found.meta.version, value });
        return { kind: 'read', saw: value };
      },
      failed: (error) => {
        if (error.kind === 'not-found') {
          this.seen.delete(key);
          return { kind: 'read', saw: undefined };
        }
        return undefined;
      },
      unknown: undefined,
    });
  }

  private create(place: Place, key: string): Promise<boolean> {
    const [table, name = ''] = key.split(':');
    const value = this.newValue();
    return this.attempt(key, {
      call: async () => {
        const control = this.control(place);
        const made =
          table === 'config'
            ? await control.createConfig(
                { spec: { name, labels: { v: value }, data: new Uint8Array([7]) } },
                localContext(),
              )
            : (await control.createService({ spec: this.drawService(name, value) }, localContext())).service;
        this.seen.set(key, { id: made.id, version: made.meta.version, value });
        return { kind: 'create', value };
      },
      failed: (error) =>
        error.kind === 'already-exists' || error.code === 'name-taken' ? { kind: 'exists' } : undefined,
      unknown: { kind: 'create', value },
    });
  }

  private swap(place: Place, key: string, known: Seen): Promise<boolean> {
    const [table, name = ''] = key.split(':');
    const to = this.newValue();
    const from = known.value;
    return this.attempt(key, {
      call: async () => {
        const control = this.control(place);
        const base = { ref: known.id, version: known.version };
        const made =
          table === 'config'
            ? await control.updateConfig(
                { ...base, spec: { name, labels: { v: to }, data: new Uint8Array([7]) } },
                localContext(),
              )
            : (
                await control.updateService(
                  { ...base, spec: this.drawService(name, to), rollback: 'none' },
                  localContext(),
                )
              ).service;
        this.seen.set(key, { id: made.id, version: made.meta.version, value: to });
        return { kind: 'swap', from, to };
      },
      failed: (error) => {
        this.seen.delete(key);
        // The loops write services too, so a stale version says nothing of the value.
        const said = error.kind === 'conflict' || error.kind === 'not-found';
        return said && table === 'config' ? { kind: 'not-swapped', from } : undefined;
      },
      unknown: { kind: 'swap', from, to },
    });
  }

  private remove(place: Place, key: string): Promise<boolean> {
    const [table, ref = ''] = key.split(':');
    return this.attempt(key, {
      call: async () => {
        const control = this.control(place);
        await (table === 'config'
          ? control.removeConfig({ ref }, localContext())
          : control.removeService({ ref }, localContext()));
        this.seen.delete(key);
        return { kind: 'remove' };
      },
      failed: (error) => (error.kind === 'not-found' ? { kind: 'read', saw: undefined } : undefined),
      unknown: { kind: 'remove' },
    });
  }

  private async attempt(
    key: string,
    plan: {
      readonly call: () => Promise<Action>;
      readonly failed: (error: SkeinError) => Action | undefined;
      readonly unknown: Action | undefined;
    },
  ): Promise<boolean> {
    const { world } = this.on;
    const calledAt = world.now;
    const record = (action: Action, answeredAt: number) => {
      this.history.push({ client: this.options.name, key, action, calledAt, answeredAt });
      world.log(this.options.name, `${key} ${JSON.stringify(action)} called at ${calledAt.toFixed(1)}`);
    };
    try {
      record(await plan.call(), world.now);
      this.acknowledged += 1;
      return true;
    } catch (error) {
      const known = error instanceof SkeinError ? error : new SkeinError('internal', 'bug', String(error));
      if (known.kind === 'internal') {
        world.violate(new Violation('no-internal-error', `${key}: ${known.message}`, error));
        return false;
      }
      if (CERTAIN.has(known.code) || CERTAIN_KINDS.has(known.kind)) {
        const action = plan.failed(known);
        this.failed += 1;
        if (action !== undefined) {
          record(action, world.now);
          return action.kind === 'read';
        }
        world.note(`${key} ${known.code}`);
      } else if (plan.unknown !== undefined) {
        this.unknown += 1;
        this.seen.delete(key);
        record(plan.unknown, Number.POSITIVE_INFINITY);
      }
      return false;
    }
  }

  private control(place: Place): ControlService {
    const caller = { scope: this.scope, place, peer: { kind: 'local' } as const };
    return this.on.rpc.client(controlMethods, caller, place);
  }

  private newValue(): string {
    this.counter += 1;
    return `${this.options.name}.${this.counter}`;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.on.world.schedule(this.scope, ms, resolve);
    });
  }

  private drawService(name: string, value: string): ServiceSpec {
    const { random } = this;
    const number = Number(name.split('-')[1]);
    const isGlobal = number % 4 === 3;
    const published = number % 3 === 0;
    const order = number % 2 === 0 ? ('stop-first' as const) : ('start-first' as const);
    const pace = {
      parallelism: randomInt(random, 0, 2),
      delayMs: 0,
      failureAction: 'continue',
      monitorMs: 300,
      maxFailureRatio: 0,
      order,
    } as const;
    return serviceSpec({
      name,
      labels: { v: value },
      mode: isGlobal ? { kind: 'global' } : { kind: 'replicated', replicas: randomInt(random, 0, 3) },
      task: taskSpec({
        container: containerSpec({
          secrets: number % 2 === 1 ? [SECRET] : [],
          env: random.next() < 0.5 ? [] : [`V=${randomInt(random, 1, 3)}`],
        }),
        restart: { condition: 'any', delayMs: 300, maxAttempts: 0, windowMs: 0 },
        networks: number % 3 === 1 ? [{ target: 'blue', aliases: [], driverOptions: {} }] : [],
      }),
      update: pace,
      rollback: pace,
      endpoint: {
        mode: 'vip',
        ports: published ? [{ name: '', protocol: 'tcp', target: 80, published: 0, mode: 'ingress' }] : [],
      },
    });
  }
}
