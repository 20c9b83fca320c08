// What the commands see of the tasks that hold plain containers' addresses: nothing, but that they hold networks.
import { expect, it } from 'vitest';
import { harness } from '../../test/support/control_harness.ts';
import { network, node, task } from '../../test/support/objects.ts';
import type { WriteTransaction } from '../store/api.ts';

const attachment = {
  id: 'c'.repeat(25),
  containerId: 'ab'.repeat(32),
  containerName: 'db',
  target: 'shop',
  aliases: [],
  addresses: [],
};
const running = { state: 'running' as const, timestamp: 0, message: '', error: '', ports: [] };
const networks = [{ networkId: 'shop', addresses: ['10.0.5.2/24'], aliases: [] }];

const fill = (tx: WriteTransaction) => {
  tx.create('network', network({ id: 'shop' }));
  tx.create('node', node({ id: 'n1' }));
  const held = {
    serviceId: '',
    serviceName: '',
    slot: 0,
    nodeId: 'n1',
    status: running,
    networks,
    attachment,
  };
  tx.create('task', task({ id: 'holder', name: 'db', ...held }));
  tx.create('task', task({ id: 'other', name: 'web.1.other', nodeId: 'n1', status: running }));
};
const ids = (tasks: readonly { readonly id: string }[]) => tasks.map(({ id }) => id);

it('are listed to those who ask for them', async () => {
  const { api, context } = await harness(fill);
  expect(ids(await api.listTasks({ filters: {} }, context))).toEqual(['other']);
  expect(ids(await api.listTasks({ filters: { node: ['n1'] } }, context))).toEqual(['other']);
  const of = (...runtime: string[]) => api.listTasks({ filters: { runtime } }, context);
  expect(ids(await of('container'))).toEqual(['other']);
  expect(ids(await of('attachment'))).toEqual(['holder']);
  expect(ids(await of('attachment', 'container'))).toEqual(['holder', 'other']);
});

it('are found by id alone: a container may be called as a task is', async () => {
  const { api, context } = await harness(fill);
  await expect(api.getTask({ ref: 'db' }, context)).rejects.toThrow('db not found');
  expect((await api.getTask({ ref: 'holder' }, context)).name).toBe('db');
});

it('keep their network, and go with their node', async () => {
  const { api, context, store } = await harness(fill);
  await expect(api.removeNetwork({ ref: 'shop' }, context)).rejects.toThrow(
    'network shop is in use by task holder: container db on node n1',
  );
  await api.removeNode({ ref: 'n1', force: true }, context);
  expect(store.view.get('task', 'holder')?.status.state).toBe('orphaned');
  await api.removeNetwork({ ref: 'shop' }, context);
});
