// How fast the store is at the size skein is built for: 5,000 nodes, 1,000 services, 100,000 tasks, without
// disk and network. Build, then: node dist/bench/store.js
import { ReplicatedStore } from '../manager/store/store.ts';
import { systemClock } from '../shared/clock.ts';
import { newId } from '../shared/ids.ts';
import type { Task } from '../shared/model/task.ts';
import { seededRandom } from '../shared/random.ts';
import { storeCodec } from '../shared/wire/store.ts';

const NODES = 5_000;
const SERVICES = 1_000;
const TASKS = 100_000;
/** Objects a control loop changes in one transaction. */
const PER_TRANSACTION = 200;
const SINGLE_WRITES = 5_000;

const random = seededRandom(7);
const serviceIds = Array.from({ length: SERVICES }, () => newId(random));
const nodeIds = Array.from({ length: NODES }, () => newId(random));

let index = 0;
let bytes = 0;
const store: ReplicatedStore = new ReplicatedStore({
  clock: systemClock,
  codec: storeCodec,
  proposer: {
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

async function measured(what: string, count: number, work: () => Promise<void> | void): Promise<void> {
  const start = performance.now();
  await work();
  const took = performance.now() - start;
  const each = (took * 1_000) / count;
  process.stdout.write(
    `${what.padEnd(58)} ${took.toFixed(0).padStart(7)} ms ${each.toFixed(2).padStart(9)} us each\n`,
  );
}

async function* asStream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function fill(): Promise<void> {
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

await measured('create 100,000 tasks, 200 a transaction', TASKS, fill);
const tasks = [...store.view.all('task')];
await measured('update one task a transaction, one after another', SINGLE_WRITES, () => oneByOne(tasks));
const entriesBefore = index;
await measured('update one task a transaction, all waiting together', SINGLE_WRITES, async () => {
  const writes = tasks
    .slice(0, SINGLE_WRITES)
    .map((task) => store.update((tx) => tx.update('task', running(tx.get('task', task.id) ?? task))));
  await Promise.all(writes);
});
process.stdout.write(`  … in ${index - entriesBefore} entries\n`);
await measured('tasksByService for each service (100 tasks each)', SERVICES, () => {
  for (const id of serviceIds) {
    store.view.tasksByService(id);
  }
});
await measured('tasksByNode for each node (20 tasks each)', NODES, () => {
  for (const id of nodeIds) {
    store.view.tasksByNode(id);
  }
});
await measured('iterate all tasks', TASKS, () => {
  let count = 0;
  for (const task of store.view.all('task')) {
    count += task.slot > 0 ? 1 : 0;
  }
  if (count !== TASKS) {
    throw new Error(`${count} tasks instead of ${TASKS}`);
  }
});
let chunks: Uint8Array[] = [];
const frozen = performance.now();
const snapshot = store.snapshot();
process.stdout.write(`freeze for a snapshot: ${(performance.now() - frozen).toFixed(1)} ms\n`);
await measured('encode the snapshot', TASKS, () => {
  chunks = [...snapshot];
});
await measured('restore the snapshot', TASKS, () => store.restore(index + 1, asStream(chunks)));
const size = chunks.reduce((total, chunk) => total + chunk.length, 0);
process.stdout.write(`snapshot ${(size / 1e6).toFixed(1)} MB, log ${(bytes / 1e6).toFixed(1)} MB, `);
process.stdout.write(`resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB\n`);
