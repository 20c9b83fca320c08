import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Task } from '../../shared/model/task.ts';
import { placed, status } from '../../test/support/dispatcher_agent.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { cluster, network, node, service, serviceSpec, task, taskSpec } from '../../test/support/objects.ts';
import { buildView, endpointState, recipientsOf } from './endpoint_view.ts';

describe('the state of an endpoint', () => {
  const table: readonly [Task['status']['state'], Task['desiredState'], string | undefined][] = [
    ['pending', 'running', undefined],
    ['assigned', 'running', 'starting'],
    ['preparing', 'ready', 'starting'],
    ['starting', 'running', 'starting'],
    ['running', 'running', 'serving'],
    ['running', 'shutdown', 'draining'],
    ['starting', 'remove', 'draining'],
    ['failed', 'running', undefined],
    ['shutdown', 'shutdown', undefined],
  ];
  it.each(table)('%s, desired %s: %s', (state, desiredState, expected) => {
    expect(endpointState(placed('t1', 'n1', { status: status(state), desiredState }))).toBe(expected);
  });

  it('is none without a node', () => {
    expect(endpointState(task({ id: 't', status: status('assigned') }))).toBeUndefined();
  });
});

describe('the view of a network', () => {
  const ready = (id: string, index: number, over: Partial<Node> = {}) =>
    node({ id, overlayIndex: index, vtepAddress: `192.0.2.${index}`, ...over });

  async function setUp() {
    const store = memoryStore();
    const plain = network({ id: 'ingress' });
    const networks = [{ target: 'net', aliases: ['www'], driverOptions: {} }];
    const port = {
      name: '',
      protocol: 'tcp' as const,
      target: 80,
      published: 8080,
      mode: 'ingress' as const,
    };
    await store.update((tx) => {
      tx.create(
        'network',
        network({ id: 'net', vni: 4097, subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }] }),
      );
      tx.create('network', {
        ...plain,
        spec: { ...plain.spec, ingress: true },
        vni: 4096,
        subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
      });
      tx.create('node', ready('n1', 1));
      tx.create('node', ready('n2', 2));
      tx.create('node', ready('n3', 3, { status: { state: 'down', message: '', address: '' } }));
      tx.create('node', node({ id: 'n4' }));
      tx.create(
        'service',
        service({
          id: 'web',
          spec: serviceSpec({ name: 'web', task: taskSpec({ networks }) }),
          endpoint: {
            spec: { mode: 'vip', ports: [port] },
            ports: [port],
            virtualIps: [
              { networkId: 'net', address: '10.0.1.2/24' },
              { networkId: 'ingress', address: '10.0.0.2/24' },
            ],
          },
        }),
      );
    });
    return store;
  }

  it('lists services with addresses and aliases, and the endpoints on nodes that are up', async () => {
    const store = await setUp();
    await store.update((tx) => {
      tx.create('task', placed('t1', 'n1', { status: status('running') }));
      tx.create('task', placed('t2', 'n3', { status: status('running') }));
      tx.create('task', placed('t3', 'n4', { status: status('assigned') }));
      tx.create(
        'task',
        placed('t4', 'n2', { status: status('running'), serviceId: 'gone', serviceName: 'old' }),
      );
      tx.create('task', placed('t5', 'n2', { status: status('failed') }));
    });
    expect(buildView(store.view, 'net')).toEqual({
      networkId: 'net',
      name: 'net',
      vni: 4097,
      subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }],
      internal: false,
      ingress: false,
      driverOptions: {},
      nodes: [
        { nodeId: 'n1', overlayIndex: 1, vtepAddress: '192.0.2.1' },
        { nodeId: 'n2', overlayIndex: 2, vtepAddress: '192.0.2.2' },
      ],
      services: [
        {
          serviceId: 'gone',
          name: 'old',
          mode: 'vip',
          virtualIps: [],
          aliases: [],
          ports: [],
          endpoints: [expect.objectContaining({ taskId: 't4', state: 'serving', addresses: ['10.0.1.14'] })],
        },
        {
          serviceId: 'web',
          name: 'web',
          mode: 'vip',
          virtualIps: ['10.0.1.2'],
          aliases: ['www'],
          ports: [],
          endpoints: [expect.objectContaining({ taskId: 't1', nodeId: 'n1', slot: 1 })],
        },
      ],
    });
    expect([...recipientsOf(store.view, 'net')].sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
  });

  it('of the ingress has every node that is up, and the ports', async () => {
    const store = await setUp();
    const view = buildView(store.view, 'ingress');
    expect(view?.nodes.map(({ nodeId }) => nodeId)).toEqual(['n1', 'n2']);
    expect(view?.services[0]).toMatchObject({ virtualIps: ['10.0.0.2'], ports: [{ published: 8080 }] });
    expect([...recipientsOf(store.view, 'ingress')]).toEqual(['n1', 'n2', 'n4']);
  });

  it('is none before the network is allocated', async () => {
    const store = await setUp();
    await store.update((tx) => tx.create('network', network({ id: 'young' })));
    expect(buildView(store.view, 'young')).toBeUndefined();
    expect(buildView(store.view, 'nothing')).toBeUndefined();
  });
});

describe('the view of an encrypted network', () => {
  const keys = [1, 2].map((epoch) => ({ epoch, secret: Uint8Array.of(epoch) }));
  const incarnation = '00000000000000a1';

  async function setUp(networkKeys: Cluster['networkKeys']) {
    const store = memoryStore();
    const plain = network({
      id: 'net',
      vni: 4097,
      subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }],
    });
    const attachments = [{ networkId: 'net', addresses: ['10.0.1.5/24'], aliases: [] }];
    await store.update((tx) => {
      tx.create('cluster', cluster(networkKeys === undefined ? {} : { networkKeys }));
      tx.create('network', { ...plain, spec: { ...plain.spec, driverOptions: { encrypted: '' } } });
      tx.create('network', { ...plain, id: 'open', vni: 4098, spec: { ...plain.spec, name: 'open' } });
      for (const [index, id] of ['n1', 'n2'].entries()) {
        const encryption = { incarnation, epoch: 2 };
        const own = { overlayIndex: index + 1, vtepAddress: `192.0.2.${index + 1}` };
        tx.create('node', node({ id, ...own, ...(id === 'n1' ? { encryption } : {}) }));
        tx.create('task', placed(`t-${id}`, id, { networks: attachments }));
      }
    });
    return store.view;
  }

  it('is told with the keys, and who can encrypt', async () => {
    const view = await setUp({ keys, sending: 1, rotatedAt: 5 });
    const built = buildView(view, 'net');
    expect(built?.encryption).toEqual({ keys, sending: 1 });
    expect(built?.nodes.map((one) => [one.nodeId, one.incarnation])).toEqual([
      ['n1', incarnation],
      ['n2', undefined],
    ]);
  });

  it('is not told before there are keys: nobody may take it for one in clear text', async () => {
    expect(buildView(await setUp(undefined), 'net')).toBeUndefined();
  });

  it('alone has keys', async () => {
    const view = await setUp({ keys, sending: 1, rotatedAt: 5 });
    expect(buildView(view, 'open')).not.toHaveProperty('encryption');
  });
});
