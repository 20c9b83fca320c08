// A load of writes and reads on registers that live in a real cluster's objects: labels of configs, services and
// nodes, each swap guarded by the object's version. What was asked and told is written down as a history for the
// checker. Each client stands by one manager's socket, as operators do.
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, randomInt, seededRandom } from '../../../shared/random.ts';
import { type Action, type Operation, unexplained } from '../../support/linearizable.ts';
import { type Answer, Engine, messageOf } from './engine.ts';
import type { Host } from './lab.ts';
import { service } from './services.ts';

/** A client gives up here: somewhat longer than a manager waits for an election. */
const ANSWER_LIMIT_MS = 6_000;
/** A socket that nobody serves is not asked again at once. */
const REFUSED_PAUSE_MS = 50;
const READ_SHARE = 0.3;
const REMOVE_SHARE = 0.05;
/** How often the last look at a register is tried, at each manager. */
const FINAL_READ_ATTEMPTS = 20;

export interface RegisterOptions {
  readonly seed: number;
  /** One client for each; a manager's socket may be named several times. */
  readonly clients: readonly Host[];
  /** Clients that only read: a writer that waits for its answer sees nothing of a leader that is none any more. */
  readonly readers: readonly Host[];
  readonly configs: number;
  readonly services: number;
  /** Hosts whose node objects carry a register; the test must not take them out of the cluster. */
  readonly nodes: readonly Host[];
  readonly pauseMs: number;
}

export interface RegisterReport {
  readonly acknowledged: number;
  readonly reads: number;
  readonly refused: number;
  readonly unknown: number;
  /** The register whose history no order explains: something acknowledged was lost or changed, or a read was stale. */
  readonly broken: string | undefined;
  /** When acknowledged writes were called and answered, by performance.now(). */
  readonly writes: readonly { readonly calledAt: number; readonly answeredAt: number }[];
}

interface Seen {
  readonly id: string;
  readonly version: number;
  readonly value: string | undefined;
  readonly spec: Readonly<Record<string, unknown>>;
}

type Key = `${'config' | 'service' | 'node'}:${string}`;

interface ObjectJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: Readonly<Record<string, unknown>> & { readonly Labels?: Readonly<Record<string, string>> };
}

let loads = 0;

export class RegisterLoad {
  /** Names and labels of this load; registers of an earlier one are other registers. */
  readonly name: string;
  readonly history: Operation[] = [];
  private readonly keys: readonly Key[];
  private readonly nodeIds = new Map<Host, string>();
  private readonly clients: readonly Client[];
  private running: Promise<unknown> = Promise.resolve();

  constructor(options: RegisterOptions) {
    loads += 1;
    this.name = `load${loads}`;
    const numbered = (kind: 'config' | 'service', count: number) =>
      Array.from({ length: count }, (_, at): Key => `${kind}:${this.name}-${kind}-${at}`);
    this.keys = [
      ...numbered('config', options.configs),
      ...numbered('service', options.services),
      ...options.nodes.map((host): Key => `node:${host}`),
    ];
    const random = seededRandom(options.seed);
    this.clients = [...options.clients, ...options.readers].map(
      (host, at) =>
        new Client({
          name: `c${at}`,
          host,
          readShare: at < options.clients.length ? READ_SHARE : 1,
          random: seededRandom(randomInt(random, 0, 1_000_000)),
          pauseMs: options.pauseMs,
          keys: this.keys,
          label: this.name,
          nodeIds: this.nodeIds,
          history: this.history,
        }),
    );
  }

  async start(from: Host): Promise<void> {
    for (const node of await new Engine(from).nodes()) {
      this.nodeIds.set(node.Description.Hostname as Host, node.ID);
    }
    this.running = Promise.all(this.clients.map((client) => client.run()));
  }

  /** Ends the clients, looks at every register once more at each of the managers, and judges. */
  async end(managers: readonly Host[]): Promise<RegisterReport> {
    for (const client of this.clients) {
      client.ended = true;
    }
    await this.running;
    const [client] = this.clients;
    for (const host of managers) {
      await client?.readAll(host);
    }
    const total = (count: (client: Client) => number) =>
      this.clients.reduce((sum, each) => sum + count(each), 0);
    return {
      acknowledged: total((each) => each.acknowledged),
      reads: total((each) => each.reads),
      refused: total((each) => each.refused),
      unknown: total((each) => each.unknown),
      broken: unexplained(this.history),
      writes: this.history
        .filter(({ action, answeredAt }) => isWrite(action) && answeredAt !== Number.POSITIVE_INFINITY)
        .map(({ calledAt, answeredAt }) => ({ calledAt, answeredAt }))
        .toSorted((a, b) => a.answeredAt - b.answeredAt),
    };
  }

  /** The history of one register, for the eye. */
  told(key: string): string {
    return this.history
      .filter((operation) => operation.key === key)
      .toSorted((a, b) => a.calledAt - b.calledAt)
      .map(
        ({ client, action, calledAt, answeredAt }) =>
          `${calledAt.toFixed(0)}-${answeredAt.toFixed(0)} ${client} ${JSON.stringify(action)}`,
      )
      .join('\n');
  }

  /** Removes the objects of this load. */
  async clear(from: Host): Promise<void> {
    const engine = new Engine(from);
    for (const key of this.keys) {
      const [kind = '', name = ''] = key.split(':');
      if (kind !== 'node') {
        await engine.ask('DELETE', `/${kind}s/${name}`);
      }
    }
  }
}

function isWrite(action: Action): boolean {
  return action.kind === 'create' || action.kind === 'swap' || action.kind === 'remove';
}

interface ClientParts {
  readonly name: string;
  readonly host: Host;
  readonly readShare: number;
  readonly random: Random;
  readonly pauseMs: number;
  readonly keys: readonly Key[];
  readonly label: string;
  readonly nodeIds: ReadonlyMap<Host, string>;
  readonly history: Operation[];
}

/** What an answer says of the register: undefined where it says nothing. */
interface Attempt {
  readonly send: (engine: Engine) => Promise<Answer>;
  readonly done: (answer: Answer) => Action;
  readonly refused: (answer: Answer) => Action | undefined;
  /** May have happened when no answer came. */
  readonly perhaps: Action | undefined;
}

class Client {
  acknowledged = 0;
  reads = 0;
  refused = 0;
  unknown = 0;
  ended = false;
  private readonly parts: ClientParts;
  private readonly seen = new Map<Key, Seen>();
  private serial = 0;

  constructor(parts: ClientParts) {
    this.parts = parts;
  }

  async run(): Promise<void> {
    const { random, keys, pauseMs, host } = this.parts;
    while (!this.ended) {
      await delay(random.next() * 2 * pauseMs);
      // One register is hot: many see it change.
      const hot = random.next() < 0.3;
      const key = keys[hot ? 0 : randomInt(random, 0, keys.length - 1)];
      if (key !== undefined) {
        await this.one(host, key);
      }
    }
  }

  async readAll(host: Host): Promise<void> {
    for (const key of this.parts.keys) {
      let read = false;
      for (let attempt = 0; !read; attempt += 1) {
        if (attempt === FINAL_READ_ATTEMPTS) {
          throw new Error(`${host} does not tell ${key} at the end`);
        }
        read = await this.read(host, key);
      }
    }
  }

  private one(host: Host, key: Key): Promise<boolean> {
    const known = this.seen.get(key);
    const draw = this.parts.random.next();
    if (draw < this.parts.readShare || (known === undefined && (key.startsWith('node:') || draw < 0.6))) {
      return this.read(host, key);
    }
    if (known === undefined) {
      return this.create(host, key);
    }
    return draw < 1 - REMOVE_SHARE || key.startsWith('node:')
      ? this.swap(host, key, known)
      : this.remove(host, key, known);
  }

  private read(host: Host, key: Key): Promise<boolean> {
    return this.attempt(host, key, {
      send: (engine) => engine.ask('GET', this.pathOf(key), undefined, ANSWER_LIMIT_MS),
      done: ({ body }) => {
        const object = body as ObjectJson;
        const value = object.Spec.Labels?.[this.parts.label];
        this.seen.set(key, { id: object.ID, version: object.Version.Index, value, spec: object.Spec });
        return { kind: 'read', saw: value };
      },
      refused: ({ status }) => {
        this.seen.delete(key);
        return status === 404 ? { kind: 'read', saw: undefined } : undefined;
      },
      perhaps: undefined,
    });
  }

  private create(host: Host, key: Key): Promise<boolean> {
    const [kind = '', name = ''] = key.split(':');
    const value = this.newValue();
    const labels = { Labels: { [this.parts.label]: value } };
    const spec =
      kind === 'config'
        ? { Name: name, Data: 'YQ==', ...labels }
        : { ...service(name, { replicas: 0 }), ...labels };
    return this.attempt(host, key, {
      send: (engine) => engine.ask('POST', `/${kind}s/create`, spec, ANSWER_LIMIT_MS),
      done: () => ({ kind: 'create', value }),
      refused: ({ status }) => (status === 409 ? { kind: 'exists' } : undefined),
      perhaps: { kind: 'create', value },
    });
  }

  private swap(host: Host, key: Key, known: Seen): Promise<boolean> {
    const from = known.value;
    const to = this.newValue();
    const path = `/${kindOf(key)}s/${known.id}/update?version=${known.version}`;
    const spec = { ...known.spec, Labels: { [this.parts.label]: to } };
    // A node's first value stands where none stood.
    const action: Action = from === undefined ? { kind: 'create', value: to } : { kind: 'swap', from, to };
    this.seen.delete(key);
    return this.attempt(host, key, {
      send: (engine) => engine.ask('POST', path, spec, ANSWER_LIMIT_MS),
      done: () => action,
      // Services and nodes are written by others too: a stale version says nothing of the label.
      refused: ({ status }) =>
        kindOf(key) === 'config' && from !== undefined && (status === 409 || status === 404)
          ? { kind: 'not-swapped', from }
          : undefined,
      perhaps: action,
    });
  }

  private remove(host: Host, key: Key, known: Seen): Promise<boolean> {
    this.seen.delete(key);
    // By id: another object of the same name is another life of the register.
    return this.attempt(host, key, {
      send: (engine) => engine.ask('DELETE', `/${kindOf(key)}s/${known.id}`, undefined, ANSWER_LIMIT_MS),
      done: () => ({ kind: 'remove' }),
      refused: () => undefined,
      perhaps: { kind: 'remove' },
    });
  }

  /** @returns whether there was an answer that says something */
  private async attempt(host: Host, key: Key, plan: Attempt): Promise<boolean> {
    const calledAt = performance.now();
    const record = (action: Action, answeredAt: number): void => {
      this.parts.history.push({ client: this.parts.name, key, action, calledAt, answeredAt });
    };
    let answer: Answer | undefined;
    try {
      answer = await plan.send(new Engine(host));
    } catch (error) {
      if (neverArrived(error)) {
        this.refused += 1;
        await delay(REFUSED_PAUSE_MS);
        return false;
      }
    }
    if (answer !== undefined && notTaken(answer)) {
      this.refused += 1;
      await delay(REFUSED_PAUSE_MS);
      return false;
    }
    if (answer === undefined || answer.status >= 500) {
      if (plan.perhaps !== undefined) {
        this.unknown += 1;
        record(plan.perhaps, Number.POSITIVE_INFINITY);
      }
      await delay(REFUSED_PAUSE_MS);
      return false;
    }
    const isDone = answer.status < 400;
    const action = isDone ? plan.done(answer) : plan.refused(answer);
    if (action === undefined) {
      this.refused += 1;
      return false;
    }
    record(action, performance.now());
    this.reads += action.kind === 'read' ? 1 : 0;
    this.acknowledged += isDone && isWrite(action) ? 1 : 0;
    return true;
  }

  private pathOf(key: Key): string {
    const [kind = '', name = ''] = key.split(':');
    return kind === 'node' ? `/nodes/${this.parts.nodeIds.get(name as Host) ?? name}` : `/${kind}s/${name}`;
  }

  private newValue(): string {
    this.serial += 1;
    return `${this.parts.name}.${this.serial}`;
  }
}

function kindOf(key: Key): string {
  return key.split(':')[0] ?? '';
}

/** Nobody was there to take the request. */
function neverArrived(error: unknown): boolean {
  return error instanceof Error && /ECONNREFUSED|ENOENT/.test(error.message);
}

/** The daemon had nobody to pass it on to. */
function notTaken(answer: Answer): boolean {
  return answer.status === 503 && /not running at the moment|not a swarm manager/.test(messageOf(answer));
}
