// The store at the size skein is built for: 5,000 nodes, 1,000 services, 100,000 tasks. Transactions and reads without
// disk and network; snapshots as raft writes and reads them, on disk, with the longest pause of the event loop
// meanwhile. Build, then: node dist/bench/store.js [--directory DIR] [--format json]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { paced } from '../manager/raft/pacing.ts';
import { Snapshotter } from '../manager/raft/snapshotter.ts';
import { realDisk } from '../manager/raft/storage/disk.ts';
import { RaftStorage } from '../manager/raft/storage/storage.ts';
import { ReplicatedStore } from '../manager/store/store.ts';
import { systemClock } from '../shared/clock.ts';
import { newId } from '../shared/ids.ts';
import { silentLogger } from '../shared/log.ts';
import type { Node } from '../shared/model/node.ts';
import type { Task } from '../shared/model/task.ts';
import { seededRandom, systemRandom } from '../shared/random.ts';
import { storeCodec } from '../shared/wire/store.ts';

const NODES = 5_000;
const SERVICES = 1_000;
const TASKS = 100_000;
/** Objects a control loop changes in one transaction. */
const PER_TRANSACTION = 200;
const SINGLE_WRITES = 5_000;

const { values: flags } = parseArgs({
  options: { directory: { type: 'string', default: tmpdir() }, format: { type: 'string', default: 'table' } },
});
const figures: Record<string, number> = {};

const random = seededRandom(7);
const serviceIds = Array.from({ length: SERVICES }, () => newId(random));
const nodeIds = Array.from({ length: NODES }, () => newId(random));

let index = 0;
let bytes = 0;
const store: ReplicatedStore = new ReplicatedStore({
  clock: systemClock,
  codec: storeCodec,
  proposer: {
    basis: () => 0,
    propose: async (data) => {
      index += 1;
      bytes += data.length;
      store.apply({ index, term: 1, data });
      return index;
    },
  },
});

function makeTask(number: number): Task {
  const id = newId(random);
  const serviceId = serviceIds[number % SERVICES] ?? '';
  return {
    id,
    meta: { version: 0, createdAt: 0, updatedAt: 0 },
    name: `web.${number}.${id}`,
    labels: {},
    serviceId,
    serviceName: 'web',
    slot: 1 + Math.floor(number / SERVICES),
    nodeId: nodeIds[number % NODES] ?? '',
    spec: {
      container: {
        image: 'registry.example.com/team/web:1.2.3',
        labels: {},
        command: [],
        args: ['httpd', '-f', '-p', '80'],
        env: ['A=1', 'B=2'],
        groups: [],
        tty: false,
        openStdin: false,
        readOnly: false,
        mounts: [],
        hosts: [],
        secrets: [],
        configs: [],
        sysctls: {},
        capabilityAdd: [],
        capabilityDrop: [],
        ulimits: [],
      },
      networks: [{ target: 'front', aliases: [], driverOptions: {} }],
      forceUpdate: 0,
    },
    specVersion: 1,
    desiredState: 'running',
    status: { state: 'running', timestamp: 0, message: 'started', error: '', ports: [] },
    networks: [{ networkId: 'front', addresses: ['10.0.1.2/24'], aliases: [] }],
  };
}

/** Says and keeps a figure; `name` is its key in the JSON. */
function tell(name: string, what: string, value: number, unit: string): void {
  figures[name] = value;
  if (flags.format !== 'json') {
    process.stdout.write(`${what.padEnd(58)} ${value.toFixed(value < 100 ? 1 : 0).padStart(9)} ${unit}\n`);
  }
}

/** @returns milliseconds */
async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measured(
  name: string,
  what: string,
  count: number,
  work: () => Promise<unknown> | unknown,
): Promise<void> {
  tell(name, what, ((await timed(work)) * 1_000) / count, 'us each');
}

/** The time of the work and the longest time in which the event loop did not turn, both in milliseconds. */
async function withPauses(work: () => Promise<unknown>): Promise<{ tookMs: number; longestPauseMs: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await breathe();
  const tookMs = await timed(work);
  await new Promise((resolve) => setTimeout(resolve, 5));
  delays.disable();
  return { tookMs, longestPauseMs: delays.max / 1e6 };
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function makeNode(number: number): Node {
  return {
    id: nodeIds[number] ?? '',
    meta: { version: 0, createdAt: 0, updatedAt: 0 },
    spec: {
      name: '',
      labels: { rack: `r${number % 50}` },
      desiredRole: 'worker',
      membership: 'accepted',
      availability: 'active',
    },
    role: 'worker',
    status: { state: 'ready', message: '', address: '10.0.0.1' },
    overlayIndex: number + 1,
    certificate: { role: 'worker', issuedAt: 1, expiresAt: 2, serial: '0123456789abcdef' },
  };
}

async function fill(): Promise<void> {
  for (let from = 0; from < NODES; from += PER_TRANSACTION) {
    await store.update((tx) => {
      for (let number = from; number < from + PER_TRANSACTION; number += 1) {
        tx.create('node', makeNode(number));
      }
    });
  }
  for (let from = 0; from < TASKS; from += PER_TRANSACTION) {
    await store.update((tx) => {
      for (let number = from; number < from + PER_TRANSACTION; number += 1) {
        tx.create('task', makeTask(number));
      }
    });
  }
}

function running(task: Task): Task {
  return { ...task, status: { ...task.status, timestamp: task.status.timestamp + 1 } };
}

async function oneByOne(tasks: readonly Task[]): Promise<void> {
  for (const task of tasks.slice(0, SINGLE_WRITES)) {
    await store.update((tx) => tx.update('task', running(tx.get('task', task.id) ?? task)));
  }
}

/** Writes a snapshot as raft does, while tasks go on changing. */
async function writeSnapshot(storage: RaftStorage, tasks: readonly Task[]): Promise<void> {
  const meta = { index, term: 1, members: [] };
  const snapshotter = new Snapshotter(
    {
      clock: systemClock,
      logger: silentLogger,
      storage,
      stateMachine: store,
      breathe,
      tailStart: (end) => end,
      compact: () => undefined,
    },
    { everyEntries: 10_000, keepEntries: 500 },
  );
  let writing = true;
  const { tookMs, longestPauseMs } = await withPauses(async () => {
    snapshotter.take(meta, Number.POSITIVE_INFINITY);
    const written = snapshotter.stop().then(() => {
      writing = false;
    });
    for (let at = 0; writing; at = (at + 1) % tasks.length) {
      const { id } = tasks[at] ?? { id: '' };
      await store.update((tx) => {
        const task = tx.get('task', id);
        if (task !== undefined) {
          tx.update('task', running(task));
        }
      });
      await breathe();
    }
    await written;
  });
  tell('snapshotMs', 'write a snapshot, sealed and synced, with updates going on', tookMs, 'ms');
  tell('snapshotPauseMs', '  longest pause of the event loop meanwhile', longestPauseMs, 'ms');
}

async function readSnapshot(storage: RaftStorage): Promise<void> {
  const meta = await storage.snapshots.newest();
  if (meta === undefined) {
    throw new Error('the snapshot was not written');
  }
  const copy = new ReplicatedStore({
    clock: systemClock,
    codec: storeCodec,
    proposer: {
      basis: () => 0,
      propose: () => Promise.reject(new Error('only restored')),
    },
  });
  const { tookMs, longestPauseMs } = await withPauses(() =>
    copy.restore(meta.index, paced(storage.snapshots.read(meta), { clock: systemClock, breathe })),
  );
  if (copy.view.count('task') !== TASKS) {
    throw new Error(`${copy.view.count('task')} tasks were restored instead of ${TASKS}`);
  }
  tell('restoreMs', 'restore it', tookMs, 'ms');
  tell('restorePauseMs', '  longest pause of the event loop meanwhile', longestPauseMs, 'ms');
}

async function snapshots(tasks: readonly Task[]): Promise<void> {
  const directory = await mkdtemp(join(flags.directory, 'skein-bench-store-'));
  try {
    const dataKey = systemRandom.bytes(32);
    const storage = new RaftStorage({ disk: realDisk, random: systemRandom }, { directory, dataKey });
    await storage.load();
    await storage.create(1, []);
    await writeSnapshot(storage, tasks);
    await readSnapshot(storage);
    await storage.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  await measured('createUs', 'create 5,000 nodes and 100,000 tasks, 200 a transaction', NODES + TASKS, fill);
  tell('residentMb', '  resident memory with them', process.memoryUsage().rss / 1e6, 'MB');
  tell('heapMb', '  heap in use, garbage included', process.memoryUsage().heapUsed / 1e6, 'MB');
  const tasks = [...store.view.all('task')];
  await measured('updateUs', 'update one task a transaction, one after another', SINGLE_WRITES, () =>
    oneByOne(tasks),
  );
  const entriesBefore = index;
  await measured(
    'updateTogetherUs',
    'update one task a transaction, all waiting together',
    SINGLE_WRITES,
    () =>
      Promise.all(
        tasks
          .slice(0, SINGLE_WRITES)
          .map((task) => store.update((tx) => tx.update('task', running(tx.get('task', task.id) ?? task)))),
      ),
  );
  tell('entries', '  in so many entries', index - entriesBefore, '');
  await measured('tasksByServiceUs', 'tasksByService for each service (100 tasks each)', SERVICES, () => {
    for (const id of serviceIds) {
      store.view.tasksByService(id);
    }
  });
  await measured('tasksByNodeUs', 'tasksByNode for each node (20 tasks each)', NODES, () => {
    for (const id of nodeIds) {
      store.view.tasksByNode(id);
    }
  });
  await measured('iterateUs', 'iterate all tasks', TASKS, () => {
    let count = 0;
    for (const task of store.view.all('task')) {
      count += task.slot > 0 ? 1 : 0;
    }
    if (count !== TASKS) {
      throw new Error(`${count} tasks instead of ${TASKS}`);
    }
  });
  await snapshots(tasks);
  tell('logMb', 'log of all this', bytes / 1e6, 'MB');
  if (flags.format === 'json') {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
}

await main();
