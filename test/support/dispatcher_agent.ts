// An agent as a test drives it: says what it is told to say, keeps what it was told, and applies assignment
// sets by the protocol's rules. Not product.

import { Dispatcher } from '../../manager/dispatcher/dispatcher.ts';
import type { WriteTransaction } from '../../manager/store/api.ts';
import { errorMessage } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeDescription } from '../../shared/model/node.ts';
import type { Task, TaskStatus } from '../../shared/model/task.ts';
import type {
  AgentMessage,
  AssignmentItem,
  DispatcherMessage,
  DispatcherService,
} from '../../shared/protocol/dispatcher.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { seededRandom } from '../../shared/random.ts';
import { memoryStore } from './memory_store.ts';
import { cluster, network, node, service, serviceSpec, task, taskSpec } from './objects.ts';
import { settle, VirtualClock } from './virtual_clock.ts';

export const description: NodeDescription = {
  hostname: 'host',
  platform: { architecture: 'x86_64', os: 'linux' },
  resources: { nanoCpus: 1e9, memoryBytes: 2 ** 30, generic: [] },
  engine: { version: '1', labels: {}, plugins: [] },
  trustRootPem: '',
};

export class TestAgent {
  readonly nodeId: Id;
  readonly heard: DispatcherMessage[] = [];
  readonly set = new Map<string, AssignmentItem>();
  ended: string | undefined;
  private readonly said = new AsyncQueue<AgentMessage>(10_000);
  private readonly abort = new AbortController();
  private sequence = 0;
  private number = 0;

  constructor(dispatcher: DispatcherService, nodeId: Id, clusterId = 'cluster') {
    this.nodeId = nodeId;
    const peer = { kind: 'node' as const, nodeId, role: 'worker' as const, clusterId, address: '192.0.2.1' };
    void this.run(dispatcher.session(this.said, { peer, signal: this.abort.signal }));
  }

  say(message: AgentMessage): this {
    this.said.push(message);
    return this;
  }

  register(): this {
    const vtepAddress = `10.99.0.${this.nodeId.replace(/\D/g, '') || '9'}`;
    return this.say({ kind: 'register', description, vtepAddress, address: '' });
  }

  report(taskId: Id, state: TaskStatus['state'], over: Partial<TaskStatus> = {}): this {
    this.sequence += 1;
    const status: TaskStatus = { state, timestamp: 1, message: state, error: '', ports: [], ...over };
    return this.say({ kind: 'status', sequence: this.sequence, updates: [{ taskId, status }] });
  }

  /** Acknowledges every view it has. */
  applyViews(): this {
    const views = this.views().map(({ networkId, version }) => ({ networkId, version }));
    return this.say({ kind: 'views-applied', views });
  }

  /** The node leaves the cluster, and says so. */
  leave(): void {
    this.say({ kind: 'farewell' });
    this.said.close();
  }

  /** Its stream ends, without a word. */
  finish(): void {
    this.said.close();
  }

  /** The connection breaks. */
  cut(): void {
    this.abort.abort();
    this.said.close();
  }

  views() {
    return [...this.set.values()].flatMap((item) => (item.kind === 'view' ? [item.view] : []));
  }

  /** Keys of the set, sorted: `task t1`, `secret s1`, … */
  has(): readonly string[] {
    return [...this.set.keys()].sort();
  }

  /** Messages since the last call, in short; heartbeats left out. */
  transcript(): readonly string[] {
    return this.heard
      .splice(0)
      .filter(({ kind }) => kind !== 'heartbeat')
      .map(inShort);
  }

  private async run(messages: AsyncIterable<DispatcherMessage>): Promise<void> {
    try {
      for await (const message of messages) {
        this.heard.push(message);
        this.apply(message);
      }
      this.ended = 'closed';
    } catch (error) {
      this.ended = errorMessage(error);
    }
  }

  private apply(message: DispatcherMessage): void {
    if (message.kind !== 'assignments') {
      return;
    }
    if (message.mode === 'full') {
      this.set.clear();
    } else if (message.base !== this.number) {
      throw new Error(`gap: have ${this.number}, base ${message.base}`);
    }
    this.number = message.sequence;
    for (const change of message.changes) {
      if (change.action === 'remove') {
        this.set.delete(`${change.kind} ${change.id}`);
      } else {
        this.set.set(keyOf(change.item), change.item);
      }
    }
  }
}

function keyOf(item: AssignmentItem): string {
  switch (item.kind) {
    case 'task':
      return `task ${item.task.id}`;
    case 'secret':
      return `secret ${item.secret.id}`;
    case 'config':
      return `config ${item.config.id}`;
    case 'view':
      return `view ${item.view.networkId}`;
  }
}

function inShort(message: DispatcherMessage): string {
  switch (message.kind) {
    case 'assignments': {
      const changes = message.changes.map((change) =>
        change.action === 'remove' ? `-${change.kind} ${change.id}` : `+${keyOf(change.item)}`,
      );
      return `${message.mode}: ${changes.join(', ')}`.trim();
    }
    case 'drained':
      return `drained: ${message.taskIds.join(', ')}`;
    case 'status-ack':
      return `ack ${message.sequence}`;
    case 'session':
      return `session: ${message.availability}, index ${message.overlayIndex}, ${message.managers.length} managers`;
    default:
      return message.kind;
  }
}

/** A leader with nodes n1… (index and VTEP given), the network `net`, and the service `web` on it. */
export async function setUpCluster(nodes: number) {
  const clock = new VirtualClock();
  const store = memoryStore({ clock });
  await store.update((tx) => {
    tx.create('cluster', cluster());
    tx.create(
      'network',
      network({ id: 'net', vni: 4097, subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }] }),
    );
    const networks = [{ target: 'net', aliases: ['www'], driverOptions: {} }];
    tx.create(
      'service',
      service({
        id: 'web',
        spec: serviceSpec({ name: 'web', task: taskSpec({ networks }) }),
        endpoint: {
          spec: { mode: 'vip', ports: [] },
          ports: [],
          virtualIps: [{ networkId: 'net', address: '10.0.1.2/24' }],
        },
      }),
    );
    for (let index = 1; index <= nodes; index += 1) {
      const status = { state: 'unknown' as const, message: '', address: '' };
      tx.create('node', node({ id: `n${index}`, overlayIndex: index, status }));
    }
  });
  const newDispatcher = (hostLives?: (address: string) => Promise<boolean>) =>
    new Dispatcher({
      store,
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      leaderAddress: () => '10.99.0.7:2377',
      managerAddresses: () => [],
      ...(hostLives === undefined ? {} : { hostLives }),
    });
  const dispatcher = newDispatcher();
  await dispatcher.start();
  const write = async (change: (tx: WriteTransaction) => void) => {
    await store.update(change);
    await settle();
  };
  const connect = async (nodeId: Id, to = dispatcher) => {
    const agent = new TestAgent(to, nodeId).register();
    await clock.advance(100);
    return agent;
  };
  const change = (id: Id, over: Partial<Task>) =>
    write((tx) => {
      const found = tx.get('task', id);
      if (found !== undefined) {
        tx.update('task', { ...found, ...over });
      }
    });
  return { clock, store, view: store.view, dispatcher, newDispatcher, write, connect, change };
}

/** A task on `net`, assigned to the node. */
export function placed(id: Id, nodeId: Id, over: Partial<Task> = {}): Task {
  const last = 10 + Number(id.replace(/\D/g, ''));
  return task({
    id,
    nodeId,
    networks: [{ networkId: 'net', addresses: [`10.0.1.${last}/24`], aliases: [] }],
    status: status('assigned'),
    ...over,
  });
}

export function status(state: TaskStatus['state']): TaskStatus {
  return { state, timestamp: 0, message: '', error: '', ports: [] };
}
