import { afterEach, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import type { Service } from '../../shared/model/service.ts';
import { seededRandom } from '../../shared/random.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { node, service, serviceSpec, task, taskSpec } from '../../test/support/objects.ts';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import type { Store } from '../store/api.ts';
import { ConstraintEnforcer } from './constraint_enforcer.ts';

const clock = new VirtualClock();
let enforcer: ConstraintEnforcer | undefined;

afterEach(() => enforcer?.stop());

function bound(id: string, constraint: string): Service {
  const placement = { constraints: [constraint], preferences: [], maxReplicas: 0, platforms: [] };
  return service({ id, spec: serviceSpec({ name: id, task: taskSpec({ placement }) }) });
}

async function label(store: Store, labels: Readonly<Record<string, string>>): Promise<void> {
  await store.update((tx) => {
    const found = tx.get('node', 'n1');
    if (found !== undefined) {
      tx.update('node', { ...found, spec: { ...found.spec, labels } });
    }
  });
}

it('sees a change of a node that comes while it writes the evictions of an earlier one', async () => {
  const real = memoryStore({ clock });
  const n1 = node({ id: 'n1' });
  await real.update((tx) => {
    tx.create('node', { ...n1, spec: { ...n1.spec, labels: { disk: 'ssd', zone: 'east' } } });
    tx.create('service', bound('db', 'node.labels.disk==ssd'));
    tx.create('service', bound('web', 'node.labels.zone==east'));
    for (const serviceId of ['db', 'web']) {
      const { status } = task({ id: serviceId });
      tx.create(
        'task',
        task({ id: serviceId, serviceId, nodeId: 'n1', status: { ...status, state: 'running' } }),
      );
    }
  });
  const wanted = () => ['db', 'web'].map((id) => real.view.get('task', id)?.desiredState);
  /** The first write is acknowledged only after the node has changed once more. */
  let writes = 0;
  const slow: Store = {
    view: real.view,
    now: () => real.now(),
    watch: (listener) => real.watch(listener),
    update: async (write) => {
      const result = await real.update(write);
      writes += 1;
      if (writes === 1) {
        await label(real, {});
      }
      return result;
    },
  };
  enforcer = new ConstraintEnforcer({ store: slow, clock, random: seededRandom(1), log: silentLogger });
  await enforcer.start();
  await label(real, { zone: 'east' });
  await clock.advance(10_000);
  expect({ wanted: wanted(), writes }).toEqual({ wanted: ['shutdown', 'shutdown'], writes: 2 });
});
