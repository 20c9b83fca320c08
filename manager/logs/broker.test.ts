import { describe, expect, it } from 'vitest';
import { errorMessage } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/log.ts';
import type {
  LogMessage,
  LogOptions,
  LogPublish,
  LogSelector,
  LogSubscription,
} from '../../shared/protocol/logs.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { seededRandom } from '../../shared/random.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { cluster, node, task } from '../../test/support/objects.ts';
import { settle, VirtualClock } from '../../test/support/virtual_clock.ts';
import { LogBroker } from './broker.ts';
import { CHANNEL_MESSAGES } from './channel.ts';

const once: LogOptions = { follow: false, stdout: true, stderr: true, tail: -1, since: 0, until: 0 };
const following: LogOptions = { ...once, follow: true };
const ofWeb: LogSelector = { serviceIds: ['web'], taskIds: [], nodeIds: [] };

async function setUp() {
  const clock = new VirtualClock();
  const store = memoryStore({ clock });
  const running = { state: 'running' as const, timestamp: 0, message: '', error: '', ports: [] };
  const placed = (id: string, nodeId: string) => task({ id, nodeId, status: running });
  await store.update((tx) => {
    tx.create('cluster', cluster());
    for (const id of ['n1', 'n2', 'n3']) {
      tx.create('node', node({ id }));
    }
    tx.create('task', placed('t1', 'n1'));
    tx.create('task', placed('t2', 'n2'));
  });
  const leaderAddress = () => 'h1:2377';
  const broker = new LogBroker({
    store,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    leaderAddress,
  });
  await broker.start();
  return { clock, store, broker, placed };
}

const asNode = (nodeId: string, signal = new AbortController().signal) => ({
  peer: { kind: 'node' as const, nodeId, role: 'worker' as const, clusterId: 'cluster', address: '' },
  signal,
});

/** Collects what an iterable says, and how it ended. */
function collect<T>(source: AsyncIterable<T>) {
  const result: { items: T[]; ended: string | undefined } = { items: [], ended: undefined };
  void (async () => {
    try {
      for await (const item of source) {
        result.items.push(item);
      }
      result.ended = 'end';
    } catch (error) {
      result.ended = errorMessage(error);
    }
  })();
  return result;
}

function read(broker: LogBroker, options: LogOptions, selector = ofWeb) {
  const abort = new AbortController();
  const lines = collect(
    broker.subscribe({ selector, options }, { peer: { kind: 'local' }, signal: abort.signal }),
  );
  return { abort, lines, text: () => lines.items.map(({ data }) => Buffer.from(data).toString()) };
}

function publisher(broker: LogBroker, nodeId: string, subscriptionId: string) {
  const queue = new AsyncQueue<LogPublish>(100_000);
  const result = collect(
    (async function* () {
      yield await broker.publish(queue, asNode(nodeId));
    })(),
  );
  queue.push({ kind: 'open', subscriptionId });
  const send = (taskId: string, text: string, timestamp = 1) =>
    queue.push({ kind: 'messages', messages: [line(taskId, text, timestamp)] });
  return { queue, result, send };
}

const line = (taskId: string, text: string, timestamp: number): LogMessage => ({
  nodeId: 'forged',
  serviceId: 'forged',
  taskId,
  timestamp,
  nanos: 0,
  stream: 'stdout',
  data: Buffer.from(text),
});

const opened = (items: readonly LogSubscription[]) => items.find(({ action }) => action === 'open')?.id ?? '';

describe('reading logs', () => {
  it('asks the nodes of the tasks, passes their lines on, and ends when all are done', async () => {
    const { broker } = await setUp();
    const [one, two, three] = ['n1', 'n2', 'n3'].map((id) => collect(broker.listen(asNode(id))));
    await settle();
    const reader = read(broker, once);
    await settle();
    expect([one, two, three].map((heard) => heard?.items.length)).toEqual([1, 1, 0]);
    const id = opened(one?.items ?? []);
    const first = publisher(broker, 'n1', id);
    const second = publisher(broker, 'n2', id);
    first.send('t1', 'hello');
    first.send('t2', 'not mine');
    second.send('t2', 'world');
    await settle();
    expect(reader.text().sort()).toEqual(['hello', 'world']);
    expect(reader.lines.items[0]).toMatchObject({ serviceId: 'web', nodeId: 'n1' });
    first.queue.push({ kind: 'done', error: '' });
    await settle();
    expect(reader.lines.ended).toBeUndefined();
    second.queue.push({ kind: 'done', error: 'disk on fire' });
    await settle();
    expect(reader.lines.ended).toBe('end');
    expect(reader.text().at(-1)).toBe('error from node n2: disk on fire; its log lines are missing\n');
    expect(one?.items.at(-1)).toEqual({ action: 'close', id });
  });

  it('a node that is gone gives an error line after five seconds, one that is down at once', async () => {
    const { broker, store, clock } = await setUp();
    await store.update((tx) => {
      const n2 = tx.get('node', 'n2');
      if (n2 !== undefined) {
        tx.update('node', { ...n2, status: { ...n2.status, state: 'down' } });
      }
    });
    const reader = read(broker, once);
    await settle();
    expect(reader.text()).toEqual([expect.stringContaining('node n2: the node is down')]);
    await clock.advance(4_900);
    expect(reader.lines.ended).toBeUndefined();
    await clock.advance(200);
    expect(reader.text()).toHaveLength(2);
    expect(reader.lines.ended).toBe('end');
  });

  it('of nothing ends at once', async () => {
    const { broker } = await setUp();
    const reader = read(broker, once, { ...ofWeb, serviceIds: ['nothing'] });
    await settle();
    expect(reader.lines).toEqual({ items: [], ended: 'end' });
  });

  it('following goes on to new nodes, and after a broken connection where it was', async () => {
    const { broker, store, placed } = await setUp();
    const third = collect(broker.listen(asNode('n3')));
    const reader = read(broker, following);
    await settle();
    expect(third.items).toEqual([]);
    await store.update((tx) => tx.create('task', placed('t3', 'n3')));
    await settle();
    const id = opened(third.items);
    const first = publisher(broker, 'n3', id);
    first.send('t3', 'a', 10);
    first.send('t3', 'b', 11);
    await settle();
    first.queue.close();
    await settle();
    const again = collect(broker.listen(asNode('n3')));
    await settle();
    expect(again.items).toMatchObject([{ action: 'open', id, options: { since: 11, tail: -1 } }]);
    const second = publisher(broker, 'n3', id);
    second.send('t3', 'b', 11);
    second.send('t3', 'c', 12);
    await settle();
    expect(reader.text()).toEqual(['a', 'b', 'c']);
    reader.abort.abort();
    await settle();
    expect(reader.lines.ended).toBe('end');
    expect(again.items.at(-1)).toEqual({ action: 'close', id });
  });

  it('a slow reader holds the sender up', async () => {
    const { broker } = await setUp();
    const heard = collect(broker.listen(asNode('n1')));
    await settle();
    const messages = broker.subscribe(
      { selector: ofWeb, options: once },
      { peer: { kind: 'local' }, signal: new AbortController().signal },
    );
    const firstLine = messages.next();
    await settle();
    const sender = publisher(broker, 'n1', opened(heard.items));
    for (let index = 0; index < 3 * CHANNEL_MESSAGES; index += 1) {
      sender.send('t1', 'x', index);
    }
    await settle();
    await firstLine;
    await settle();
    expect(sender.queue.size).toBeGreaterThan(CHANNEL_MESSAGES);
    await messages.return();
    await settle();
    expect(sender.result.ended).toBe('end');
  });
});

describe('who may', () => {
  it('read: the local daemon and managers; publish: nodes that were asked; nobody without a leader', async () => {
    const { broker } = await setUp();
    const refused = collect(broker.subscribe({ selector: ofWeb, options: once }, asNode('n1')));
    const heard = collect(broker.listen(asNode('n1')));
    const stranger = collect(broker.listen(asNode('n9')));
    const reader = read(broker, following);
    await settle();
    const intruder = publisher(broker, 'n3', opened(heard.items));
    await settle();
    expect(refused.ended).toContain('through a manager');
    expect(stranger.ended).toContain('only a node of this cluster');
    expect(intruder.result.ended).toContain('does not ask this node');
    await broker.stop();
    await settle();
    expect(reader.lines.ended).toContain('the leader is at h1:2377');
    expect(heard.ended).toContain('the leader is at h1:2377');
    const late = read(broker, once);
    await settle();
    expect(late.lines.ended).toContain('not the leader');
  });
});
