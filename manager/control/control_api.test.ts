// Networks, secrets, configs, the cluster itself, events, and waiting for a majority that is not there.
import { describe, expect, test } from 'vitest';
import {
  containerSpec,
  network,
  node,
  service,
  serviceSpec,
  task,
  taskSpec,
} from '../../test/support/objects.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { NetworkSpec } from '../../shared/model/network.ts';
import type { ClusterEvent } from '../../shared/protocol/control.ts';
import { harness } from '../../test/support/control_harness.ts';

const networkSpec = (over: Partial<NetworkSpec> = {}): NetworkSpec => ({
  ...network({ id: 'front' }).spec,
  ...over,
});
const subnet = (text: string) => ({
  driver: 'default',
  options: {},
  configs: [{ subnet: text, auxAddresses: {} }],
});

describe('networks', () => {
  test('a refusal by an old state is not the last word', async () => {
    const { api, context, raft, store } = await harness();
    const made = await api.createNetwork({ spec: networkSpec({}) }, context);
    // This manager was replaced without knowing: the name is free since, which it learns at the barrier.
    raft.barrier = () => store.update((tx) => tx.remove('network', made.id));
    const again = await api.createNetwork({ spec: networkSpec({}) }, context);
    expect(again.id).not.toBe(made.id);
  });

  test('one that the same commit removes again was created all the same', async () => {
    const { api, context } = await harness();
    const creation = api.createNetwork({ spec: networkSpec({}) }, context);
    const removal = api.removeNetwork({ ref: 'front' }, context);
    expect(await creation).toMatchObject({ spec: { name: 'front' } });
    await removal;
    expect(await api.listNetworks({ filters: { name: ['front'] } }, context)).toEqual([]);
  });

  test('create, look up, filter, remove', async () => {
    const { api, context } = await harness();
    const made = await api.createNetwork({ spec: networkSpec({ labels: { a: 'b' } }) }, context);
    expect(made).toMatchObject({ subnets: [], meta: { version: 2 } });
    expect(await api.getNetwork({ ref: 'front' }, context)).toEqual(made);
    const count = async (filters: Record<string, string[]>) =>
      (await api.listNetworks({ filters }, context)).length;
    expect(await count({ driver: ['overlay'], scope: ['swarm'], type: ['custom'], label: ['a=b'] })).toBe(1);
    expect(await count({ name: ['ron'] })).toBe(1);
    expect(await count({ driver: ['bridge'] })).toBe(0);
    expect(await count({ type: ['builtin'] })).toBe(0);
    expect(await count({ dangling: ['true'] })).toBe(1);
    expect(await count({ dangling: ['false'] })).toBe(0);
    await api.removeNetwork({ ref: 'front' }, context);
    await expect(api.getNetwork({ ref: 'front' }, context)).rejects.toThrow('network front not found');
  });

  test.each([
    ['network with name front already exists', 'already-exists', networkSpec({ name: 'Front' })],
    [
      'Pool overlaps with other one on this address space',
      'denied',
      networkSpec({ name: 'b', ipam: subnet('10.1.0.0/16') }),
    ],
    [
      'Pool overlaps with other one on this address space',
      'denied',
      networkSpec({ name: 'b', ipam: subnet('10.9.9.0/25') }),
    ],
    [
      'ingress network (ingress) is already present',
      'already-exists',
      networkSpec({ name: 'b', ingress: true }),
    ],
  ])('%s', async (message, kind, spec) => {
    const { api, context } = await harness((tx) => {
      tx.create('network', network({ id: 'n1', spec: networkSpec({ ipam: subnet('10.1.2.0/24') }) }));
      const allocated = [{ subnet: '10.9.9.0/24', gateway: '10.9.9.1' }];
      const ingress = networkSpec({ name: 'ingress', ingress: true });
      tx.create('network', network({ id: 'n2', spec: ingress, subnets: allocated }));
    });
    const attempt = api.createNetwork({ spec }, context);
    await expect(attempt).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  test('removal in use is refused: by a service, by a live task, ingress by any published port', async () => {
    const attachment = { networkId: 'n1', addresses: ['10.0.0.2/24'], aliases: [] };
    const { api, store, context } = await harness((tx) => {
      tx.create('network', network({ id: 'n1', spec: networkSpec() }));
      tx.create('network', network({ id: 'n2', spec: networkSpec({ name: 'ingress', ingress: true }) }));
      const attached = taskSpec({ networks: [{ target: 'n1', aliases: [], driverOptions: {} }] });
      const ports = [{ name: '', protocol: 'tcp', target: 80, published: 80, mode: 'ingress' } as const];
      const spec = serviceSpec({ task: attached, endpoint: { mode: 'vip', ports } });
      tx.create('service', service({ id: 's1', spec }));
      tx.create('task', task({ id: 't1', serviceId: 's1', networks: [attachment] }));
    });
    await expect(api.removeNetwork({ ref: 'front' }, context)).rejects.toThrow(
      'network front is in use by service web',
    );
    await expect(api.removeNetwork({ ref: 'ingress' }, context)).rejects.toThrow(
      'ingress network cannot be removed because service web depends on it',
    );
    await api.removeService({ ref: 'web' }, context);
    await expect(api.removeNetwork({ ref: 'front' }, context)).rejects.toThrow(
      'network front is in use by task web.1.t1',
    );
    await store.update((tx) => {
      const found = tx.get('task', 't1');
      if (found) {
        tx.update('task', { ...found, desiredState: 'remove' });
      }
    });
    await api.removeNetwork({ ref: 'front' }, context);
    await api.removeNetwork({ ref: 'ingress' }, context);
  });
});

describe('secrets and configs', () => {
  const data = new TextEncoder().encode('hunter2');
  const spec = { name: 'pw', labels: {}, data };

  test('a secret never shows its data, a config does; only labels can be changed', async () => {
    const { api, store, context } = await harness();
    const secret = await api.createSecret({ spec }, context);
    const config = await api.createConfig({ spec }, context);
    expect(secret.spec.data).toHaveLength(0);
    expect(config.spec.data).toEqual(data);
    const labels = { a: 'b' };
    const sent = { ...spec, labels, data: new Uint8Array(0) };
    const updated = await api.updateSecret({ ref: 'pw', version: secret.meta.version, spec: sent }, context);
    expect(updated.spec).toEqual(sent);
    expect(store.view.get('secret', secret.id)?.spec).toEqual({ ...spec, labels });
    const listed = await api.listSecrets({ filters: { name: ['p'] } }, context);
    expect(listed.map((one) => one.spec.data.length)).toEqual([0]);
    const other = { ...spec, data: new Uint8Array([1]) };
    const { version } = config.meta;
    await expect(api.updateConfig({ ref: 'pw', version, spec: other }, context)).rejects.toThrow(
      'only updates to Labels are allowed',
    );
    await expect(api.updateConfig({ ref: 'pw', version: 1, spec }, context)).rejects.toThrow(
      'update out of sequence',
    );
  });

  test.each([
    ['secret data must be larger than 0 and less than 512000 bytes', { ...spec, data: new Uint8Array(0) }],
    [
      'secret data must be larger than 0 and less than 512000 bytes',
      { ...spec, data: new Uint8Array(512_000) },
    ],
    ['only 64 [a-zA-Z0-9-_.] characters allowed', { ...spec, name: 'a/b' }],
    ["unsupported template driver 'jinja'", { ...spec, templating: { name: 'jinja' } }],
    ['secret taken already exists', { ...spec, name: 'taken' }],
  ])('%s', async (message, bad) => {
    const { api, context } = await harness();
    await api.createSecret({ spec: { ...spec, name: 'taken' } }, context);
    await expect(api.createSecret({ spec: bad }, context)).rejects.toThrow(message);
  });

  test('a config of 999 KiB fits in an entry', async () => {
    const { api, context } = await harness();
    const large = new Uint8Array(999 * 1024);
    expect((await api.createConfig({ spec: { ...spec, data: large } }, context)).spec.data).toHaveLength(
      large.length,
    );
  });

  test('removal in use is refused with the users', async () => {
    const file = { name: 'f', uid: '0', gid: '0', mode: 0o444 };
    const { api, context } = await harness();
    const { id } = await api.createSecret({ spec }, context);
    const container = containerSpec({ secrets: [{ secretId: id, secretName: 'pw', file }] });
    for (const name of ['web', 'api']) {
      await api.createService({ spec: serviceSpec({ name, task: taskSpec({ container }) }) }, context);
    }
    await expect(api.removeSecret({ ref: 'pw' }, context)).rejects.toThrow(
      /^secret 'pw' is in use by the following services: (web, api|api, web)$/,
    );
    await api.removeService({ ref: 'api' }, context);
    await expect(api.removeSecret({ ref: 'pw' }, context)).rejects.toThrow(
      "secret 'pw' is in use by the following service: web",
    );
    await api.removeService({ ref: 'web' }, context);
    await api.removeSecret({ ref: 'pw' }, context);
  });
});

describe('the cluster', () => {
  test('is shown without the key; each token rotates alone', async () => {
    const { api, store, context } = await harness();
    const before = await api.getCluster(context);
    expect(before.rootCa).toMatchObject({ keyPem: '', certPem: 'CERT' });
    const request = { version: before.meta.version, spec: before.spec };
    const after = await api.updateCluster(
      { ...request, rotateWorkerToken: true, rotateManagerToken: false, rotateUnlockKey: false },
      context,
    );
    expect(after.rootCa.joinTokens).toEqual({ worker: 'token-sha256:00-1', manager: 'SWMTKN-1-a-m' });
    expect(after.rootCa.keyPem).toBe('');
    expect(store.view.get('cluster', 'cluster')?.rootCa.keyPem).toBe('KEY');
    const stale = api.updateCluster(
      { ...request, rotateWorkerToken: true, rotateManagerToken: true, rotateUnlockKey: false },
      context,
    );
    await expect(stale).rejects.toThrow('update out of sequence');
  });

  test('has an unlock key while autolock is on; it rotates, and only its own call tells it', async () => {
    const { api, store, context } = await harness();
    const flags = { rotateWorkerToken: false, rotateManagerToken: false };
    const update = async (autoLockManagers: boolean, rotateUnlockKey: boolean) => {
      const { spec, meta } = await api.getCluster(context);
      const request = { version: meta.version, spec: { ...spec, encryption: { autoLockManagers } } };
      const shown = await api.updateCluster({ ...request, ...flags, rotateUnlockKey }, context);
      expect(shown.unlockKey).toBe('');
      return (await api.getUnlockKey(context)).unlockKey;
    };
    expect(await update(false, true)).toBe('');
    const first = await update(true, false);
    expect(first).toMatch(/^SWMKEY-1-/);
    expect(store.view.get('cluster', 'cluster')?.unlockKey).toBe(first);
    expect((await api.getCluster(context)).unlockKey).toBe('');
    expect(await update(true, false)).toBe(first);
    const second = await update(true, true);
    expect(second).toMatch(/^SWMKEY-1-/);
    expect(second).not.toBe(first);
    expect(await update(false, false)).toBe('');
  });

  test('keys of encrypted networks are never told; their rotation is asked for once', async () => {
    const { api, store, context } = await harness();
    await expect(api.rotateNetworkKeys(context)).rejects.toThrow('no network is encrypted');
    const networkKeys = { keys: [{ epoch: 1, secret: Uint8Array.of(7) }], sending: 1, rotatedAt: 5 };
    const stored = () => store.view.get('cluster', 'cluster') as Cluster;
    await store.update((tx) => tx.update('cluster', { ...stored(), networkKeys }));
    expect(await api.getCluster(context)).not.toHaveProperty('networkKeys');
    await api.rotateNetworkKeys(context);
    const askedAt = stored().networkKeys?.rotationAskedAt;
    expect(askedAt).toBeGreaterThan(0);
    await api.rotateNetworkKeys(context);
    expect(stored().networkKeys).toEqual({ ...networkKeys, rotationAskedAt: askedAt });
    const { spec, meta } = await api.getCluster(context);
    const flags = { rotateWorkerToken: false, rotateManagerToken: false, rotateUnlockKey: false };
    const updated = await api.updateCluster({ version: meta.version, spec, ...flags }, context);
    expect(updated).not.toHaveProperty('networkKeys');
    expect(stored().networkKeys?.keys).toEqual(networkKeys.keys);
  });

  test('settings that cannot be are refused', async () => {
    const { api, context } = await harness();
    const { spec, meta } = await api.getCluster(context);
    const flags = { rotateWorkerToken: false, rotateManagerToken: false, rotateUnlockKey: false };
    const attempts = [
      ['modification of cluster name is not allowed', { ...spec, name: 'x' }],
      [
        'minimum certificate expiry time is: 1h0m0s',
        { ...spec, ca: { ...spec.ca, nodeCertExpiryMs: 1_000 } },
      ],
      ['heartbeat time period', { ...spec, dispatcher: { heartbeatPeriodMs: -1 } }],
      ['election tick must be greater', { ...spec, raft: { ...spec.raft, electionTick: 1 } }],
      ['snapshot interval', { ...spec, raft: { ...spec.raft, snapshotInterval: 0 } }],
    ] as const;
    for (const [message, bad] of attempts) {
      const attempt = api.updateCluster({ version: meta.version, spec: bad, ...flags }, context);
      await expect(attempt).rejects.toThrow(message);
    }
  });
});

describe('events', () => {
  test('tell what changed with old and new, in order, until the watcher leaves', async () => {
    const { api, store, context } = await harness((tx) => tx.create('node', node({ id: 'n1' })));
    const leaving = new AbortController();
    const events = api.watchEvents({ ...context, signal: leaving.signal });
    const { service: made } = await api.createService({ spec: serviceSpec() }, context);
    const spec = serviceSpec({
      mode: { kind: 'replicated', replicas: 3 },
      task: taskSpec({ container: containerSpec({ image: 'busybox:2' }) }),
    });
    await api.updateService({ ref: 'web', version: made.meta.version, spec, rollback: 'none' }, context);
    await store.update((tx) => {
      const found = tx.get('node', 'n1') ?? node({ id: 'n1' });
      tx.update('node', {
        ...found,
        status: { ...found.status, state: 'down' },
        spec: { ...found.spec, availability: 'drain' },
      });
      tx.create('task', task({ id: 't1' }));
    });
    await api.removeService({ ref: 'web' }, context);
    leaving.abort();
    const told: ClusterEvent[] = [];
    for await (const event of events) {
      told.push(event);
    }
    expect(told.map(({ type, action, actor }) => [type, action, actor.attributes])).toEqual([
      ['service', 'create', { name: 'web' }],
      [
        'service',
        'update',
        {
          name: 'web',
          'replicas.old': '1',
          'replicas.new': '3',
          'image.old': 'busybox:1.36',
          'image.new': 'busybox:2',
        },
      ],
      [
        'node',
        'update',
        {
          name: 'n1',
          'state.old': 'ready',
          'state.new': 'down',
          'availability.old': 'active',
          'availability.new': 'drain',
        },
      ],
      ['service', 'remove', { name: 'web' }],
    ]);
    expect(told[0]?.index).toBe(made.meta.version);
  });

  test('end with an error when a snapshot replaced the state', async () => {
    const { api, store, context } = await harness();
    const events = api.watchEvents(context);
    const chunks = [...store.snapshot()];
    await store.restore(
      9,
      (async function* () {
        yield* chunks;
      })(),
    );
    const reading = (async () => {
      for await (const _event of events) {
        // Nothing is told before the error.
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'events-lost', retryable: true });
  });
});

describe('without a majority', () => {
  test('a read fails after 20 s and leaves no timer', async () => {
    const { api, clock, context, raft } = await harness();
    raft.barrier = () => new Promise(() => undefined);
    const read = api.listNodes({ filters: {} }, context);
    expect(clock.timers).toBe(1);
    const outcome = expect(read).rejects.toMatchObject({ code: 'deadline', kind: 'timeout' });
    await clock.advance(20_000);
    await outcome;
    expect(clock.timers).toBe(0);
  });

  test('a caller who leaves is let go', async () => {
    const { api, context, raft, clock } = await harness();
    raft.barrier = () => new Promise(() => undefined);
    const leaving = new AbortController();
    const read = api.listNodes({ filters: {} }, { ...context, signal: leaving.signal });
    const outcome = expect(read).rejects.toThrow('gone');
    leaving.abort(new Error('gone'));
    await outcome;
    expect(clock.timers).toBe(0);
  });
});
