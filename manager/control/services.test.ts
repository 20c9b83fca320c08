// Services as operators meet them: create, update, roll back, remove, list; and every refusal that depends
// on what else is in the cluster.
import { describe, expect, test } from 'vitest';
import {
  config,
  containerSpec,
  network,
  node,
  secret,
  serviceSpec,
  task,
  taskSpec,
} from '../../test/support/objects.ts';
import type { PublishMode } from '../../shared/model/endpoint.ts';
import type { ServiceSpec } from '../../shared/model/service.ts';
import { harness, type Harness } from '../../test/support/control_harness.ts';

const ingressSpec = { ...network({ id: 'ing' }).spec, name: 'ingress', ingress: true };

function world(): Promise<Harness> {
  return harness((tx) => {
    tx.create('network', network({ id: 'net1', spec: { ...network({ id: 'x' }).spec, name: 'front' } }));
    tx.create('network', network({ id: 'ing', spec: ingressSpec }));
    tx.create('secret', secret({ id: 's1' }));
    tx.create('config', config({ id: 'c1' }));
    tx.create('node', node({ id: 'n1' }));
  });
}

async function made({ api, context }: Harness, over: Partial<ServiceSpec> = {}) {
  return (await api.createService({ spec: serviceSpec(over) }, context)).service;
}

const attach = (...targets: readonly string[]) =>
  taskSpec({ networks: targets.map((target) => ({ target, aliases: [], driverOptions: {} })) });

const publish = (published: number, mode: PublishMode = 'ingress') => ({
  mode: 'vip' as const,
  ports: [{ name: '', protocol: 'tcp' as const, target: 80, published, mode }],
});

describe('create', () => {
  test('returns the committed object: id, version, times, first spec version', async () => {
    const at = await world();
    const service = await made(at);
    expect(service.id).toMatch(/^[0-9a-z]{25}$/);
    expect(service).toMatchObject({ specVersion: 1, meta: { version: 2, createdAt: at.clock.now() } });
  });

  test('a name that is taken, in any case', async () => {
    const at = await world();
    await made(at);
    await expect(made(at, { name: 'WEB' })).rejects.toMatchObject({
      kind: 'already-exists',
      message: 'name conflicts with an existing object: service web already exists',
    });
    expect(at.store.view.count('service')).toBe(1);
  });

  test('networks are found by name, id or prefix and kept by id; host stays host', async () => {
    const at = await world();
    for (const [name, target, kept] of [
      ['a', 'front', 'net1'],
      ['b', 'net1', 'net1'],
      ['c', 'ne', 'net1'],
      ['d', 'host', 'host'],
    ] as const) {
      const service = await made(at, { name, task: attach(target) });
      expect(service.spec.task.networks[0]?.target).toBe(kept);
    }
  });

  test.each([
    ['network foo not found', 'not-found', { task: attach('foo') }],
    ['network front is given twice', 'invalid', { task: attach('net1', 'front') }],
    ['network bridge cannot be used for services', 'invalid', { task: attach('bridge') }],
    ['network host cannot be combined with other networks', 'invalid', { task: attach('front', 'host') }],
    [
      'service cannot be explicitly attached to the ingress network "ingress"',
      'invalid',
      { task: attach('ingress') },
    ],
  ] as const)('%s', async (message, kind, over) => {
    await expect(made(await world(), over)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });

  const file = { name: 'f', uid: '0', gid: '0', mode: 0o444 };
  test('secrets and configs must be there', async () => {
    const at = await world();
    const secrets = [
      { secretId: 's1', secretName: 's1', file },
      { secretId: 'gone', secretName: 'pw', file: { ...file, name: 'g' } },
    ];
    const configs = [{ configId: 'gone', configName: 'conf', file }];
    const withSecrets = made(at, { task: taskSpec({ container: containerSpec({ secrets }) }) });
    await expect(withSecrets).rejects.toThrow('secret not found: pw');
    const withConfigs = made(at, { task: taskSpec({ container: containerSpec({ configs }) }) });
    await expect(withConfigs).rejects.toThrow('config not found: conf');
  });

  test.each([
    ['ingress', 'ingress', 'as an ingress port'],
    ['ingress', 'host', 'as an ingress port'],
    ['host', 'ingress', 'as a host-published port'],
    ['host', 'host', undefined],
  ] as const)('a port published by %s is wanted by %s', async (first, second, conflict) => {
    const at = await world();
    const owner = await made(at, { name: 'one', endpoint: publish(8080, first) });
    const other = made(at, { name: 'two', endpoint: publish(8080, second) });
    if (conflict === undefined) {
      await other;
    } else {
      await expect(other).rejects.toMatchObject({
        kind: 'invalid',
        message: `port '8080' is already in use by service 'one' (${owner.id}) ${conflict}`,
      });
    }
  });

  test('a port that the allocator chose counts as taken', async () => {
    const at = await world();
    const { id } = await made(at, { name: 'one', endpoint: publish(0) });
    await at.store.update((tx) => {
      const service = tx.get('service', id);
      const spec = publish(0);
      if (service) {
        tx.update('service', {
          ...service,
          endpoint: { spec, ports: publish(30_000).ports, virtualIps: [] },
        });
      }
    });
    await expect(made(at, { name: 'two', endpoint: publish(30_000) })).rejects.toThrow(
      "port '30000' is already in use",
    );
  });
});

describe('update', () => {
  const change = (at: Harness, version: number, spec: ServiceSpec, rollback: 'none' | 'previous' = 'none') =>
    at.api.updateService({ ref: 'web', version, spec, rollback }, at.context);

  test('keeps the previous spec and numbers specs; a rollback returns to the older number, the next is new', async () => {
    const at = await world();
    const first = await made(at);
    const scaled = serviceSpec({ mode: { kind: 'replicated', replicas: 5 } });
    const second = (await change(at, first.meta.version, scaled)).service;
    expect(second).toMatchObject({ specVersion: 2, previousSpecVersion: 1, previousSpec: first.spec });
    expect(second.meta.createdAt).toBe(first.meta.createdAt);

    const third = (await change(at, second.meta.version, scaled, 'previous')).service;
    expect(third).toMatchObject({
      specVersion: 1,
      previousSpecVersion: 2,
      spec: first.spec,
      previousSpec: scaled,
    });
    expect(third.updateStatus).toMatchObject({ state: 'rollback_started', startedAt: at.clock.now() });

    const fourth = (await change(at, third.meta.version, serviceSpec({ labels: { a: 'b' } }))).service;
    expect(fourth).toMatchObject({ specVersion: 3, previousSpecVersion: 1 });
    expect(fourth.updateStatus).toBeUndefined();
  });

  test('an equal spec changes nothing', async () => {
    const at = await world();
    const first = await made(at);
    const second = (await change(at, first.meta.version, serviceSpec())).service;
    expect(second).toEqual(first);
  });

  test.each([
    ['update out of sequence', 'conflict', 1, serviceSpec(), 'none'],
    ['renaming services is not supported', 'not-implemented', 2, serviceSpec({ name: 'other' }), 'none'],
    [
      'service mode change is not allowed',
      'not-implemented',
      2,
      serviceSpec({ mode: { kind: 'global' } }),
      'none',
    ],
    ['service web does not have a previous spec', 'invalid', 2, serviceSpec(), 'previous'],
    ['network foo not found', 'not-found', 2, serviceSpec({ task: attach('foo') }), 'none'],
  ] as const)('%s', async (message, kind, version, spec, rollback) => {
    const at = await world();
    const before = await made(at);
    await expect(change(at, version, spec, rollback)).rejects.toMatchObject({ kind, message });
    expect(at.store.view.get('service', before.id)).toEqual(before);
  });

  test('of two with the same version one wins', async () => {
    const at = await world();
    const { meta } = await made(at);
    const outcomes = await Promise.allSettled([
      change(at, meta.version, serviceSpec({ labels: { winner: '1' } })),
      change(at, meta.version, serviceSpec({ labels: { winner: '2' } })),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(outcomes[1]).toMatchObject({ reason: { message: 'update out of sequence' } });
  });

  test('its own ports do not stand in its way', async () => {
    const at = await world();
    const first = await made(at, { endpoint: publish(8080) });
    await change(at, first.meta.version, serviceSpec({ endpoint: publish(8080), labels: { a: 'b' } }));
  });
});

describe('look up, list, remove', () => {
  test('by id, name and prefix; unknown and ambiguous', async () => {
    const at = await harness((tx) => {
      for (const id of ['abc1', 'abc2', 'xyz']) {
        tx.create('service', {
          id,
          meta: node({ id }).meta,
          spec: serviceSpec({ name: `n-${id}` }),
          specVersion: 1,
        });
      }
    });
    const get = (ref: string) => at.api.getService({ ref, insertDefaults: false }, at.context);
    for (const ref of ['xyz', 'n-xyz', 'xy']) {
      expect((await get(ref)).id).toBe('xyz');
    }
    await expect(get('foo')).rejects.toMatchObject({ kind: 'not-found', message: 'service foo not found' });
    await expect(get('abc')).rejects.toThrow('service abc is ambiguous (2 matches found)');
    await expect(get('')).rejects.toThrow('a service id or name must be given');
  });

  test('defaults are written out when asked for', async () => {
    const at = await world();
    await made(at);
    const full = await at.api.getService({ ref: 'web', insertDefaults: true }, at.context);
    expect(full.spec).toMatchObject({
      update: { parallelism: 1, monitorMs: 5_000, failureAction: 'pause' },
      endpoint: { mode: 'vip' },
      task: { restart: { condition: 'any', delayMs: 5_000 }, container: { stopGracePeriodMs: 10_000 } },
    });
  });

  test('filters', async () => {
    const at = await world();
    await made(at, { name: 'web', labels: { tier: 'front', team: 'a' } });
    await made(at, { name: 'web2', mode: { kind: 'global' }, labels: { tier: 'front' } });
    await made(at, { name: 'db', labels: { tier: 'back' } });
    const names = async (filters: Record<string, string[]>) =>
      (await at.api.listServices({ filters, status: false }, at.context))
        .map(({ service }) => service.spec.name)
        .sort();
    expect(await names({})).toEqual(['db', 'web', 'web2']);
    expect(await names({ name: ['web'] })).toEqual(['web', 'web2']);
    expect(await names({ name: ['web2', 'd'] })).toEqual(['db', 'web2']);
    expect(await names({ label: ['tier'] })).toEqual(['db', 'web', 'web2']);
    expect(await names({ label: ['tier=front', 'team'] })).toEqual(['web']);
    expect(await names({ mode: ['global'] })).toEqual(['web2']);
    expect(await names({ name: ['web'], mode: ['replicated'] })).toEqual(['web']);
    await expect(names({ color: ['red'] })).rejects.toThrow("invalid filter 'color'");
    await expect(names({ mode: ['sideways'] })).rejects.toThrow("invalid filter 'mode=sideways'");
    await expect(names({ constructor: ['x'] })).rejects.toThrow("invalid filter 'constructor'");
  });

  test('status counts', async () => {
    const at = await world();
    const replicated = await made(at, { mode: { kind: 'replicated', replicas: 3 } });
    const global = await made(at, { name: 'everywhere', mode: { kind: 'global' } });
    const status = (state: 'running' | 'complete') => ({
      state,
      timestamp: 0,
      message: '',
      error: '',
      ports: [],
    });
    await at.store.update((tx) => {
      tx.create('task', task({ id: 't1', serviceId: replicated.id, status: status('running') }));
      tx.create(
        'task',
        task({ id: 't2', serviceId: replicated.id, status: status('running'), desiredState: 'shutdown' }),
      );
      tx.create(
        'task',
        task({ id: 't3', serviceId: replicated.id, status: status('complete'), desiredState: 'shutdown' }),
      );
      tx.create('task', task({ id: 't4', serviceId: global.id }));
    });
    const listed = await at.api.listServices({ filters: {}, status: true }, at.context);
    const counts = new Map(listed.map(({ service, status: counted }) => [service.spec.name, counted]));
    expect(counts.get('web')).toEqual({ runningTasks: 1, desiredTasks: 3, completedTasks: 1 });
    expect(counts.get('everywhere')).toEqual({ runningTasks: 0, desiredTasks: 1, completedTasks: 0 });
  });

  test('removal takes the service and leaves its tasks to the orchestrator', async () => {
    const at = await world();
    const { id } = await made(at);
    await at.store.update((tx) => tx.create('task', task({ id: 't1', serviceId: id })));
    await at.api.removeService({ ref: 'web' }, at.context);
    expect(at.store.view.count('service')).toBe(0);
    expect(at.store.view.count('task')).toBe(1);
    await expect(at.api.removeService({ ref: 'web' }, at.context)).rejects.toThrow('service web not found');
  });
});

test('tasks are filtered by service, node, state and whether they are up to date', async () => {
  const at = await world();
  const { id } = await made(at);
  await at.store.update((tx) => {
    const spec = tx.get('service', id)?.spec.task ?? expect.fail('the service was just made');
    const older = { ...spec, container: { ...spec.container, image: 'older:1' } };
    // A scale raises the service's version alone: its tasks stay up to date.
    tx.create('task', task({ id: 't1', serviceId: id, nodeId: 'n1', specVersion: 0, spec }));
    tx.create(
      'task',
      task({ id: 't2', serviceId: id, specVersion: 0, spec: older, desiredState: 'shutdown' }),
    );
    tx.create('task', task({ id: 't3', serviceId: 'deleted' }));
  });
  const ids = async (filters: Record<string, string[]>) =>
    (await at.api.listTasks({ filters }, at.context)).map((found) => found.id);
  expect(await ids({})).toEqual(['t1', 't2', 't3']);
  expect(await ids({ service: ['web'] })).toEqual(['t1', 't2']);
  expect(await ids({ service: ['web', 'deleted'] })).toEqual(['t1', 't2', 't3']);
  expect(await ids({ service: ['web'], 'desired-state': ['RUNNING'] })).toEqual(['t1']);
  expect(await ids({ node: ['n1'] })).toEqual(['t1']);
  expect(await ids({ '_up-to-date': ['true'] })).toEqual(['t1']);
  expect(await ids({ id: ['t2'] })).toEqual(['t2']);
  await expect(ids({ service: ['foo'] })).rejects.toThrow('service foo not found');
  await expect(ids({ node: ['foo'] })).rejects.toThrow('node foo not found');
  await expect(ids({ 'desired-state': ['asleep'] })).rejects.toThrow("invalid filter 'desired-state=asleep'");
});
