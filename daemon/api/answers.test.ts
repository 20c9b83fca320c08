// Every answer that skein gives, held against Docker's own API descriptions, the oldest and the newest.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiBed, apiBed, SELF } from '../../test/support/api_bed.ts';
import { DESCRIBED_VERSIONS, deviations } from '../../test/support/engine_schemas.ts';
import { config, network, secret, service, serviceSpec, task } from '../../test/support/objects.ts';

const NETWORK = network({
  id: 'net1',
  vni: 4097,
  subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1', range: '10.0.1.128/25' }],
});
const WEB = service({
  id: 'svc1',
  spec: serviceSpec({ name: 'web' }),
  previousSpec: serviceSpec({ name: 'web', mode: { kind: 'global' } }),
  endpoint: {
    spec: { mode: 'vip', ports: [] },
    ports: [{ name: 'http', protocol: 'tcp', target: 80, published: 8080, mode: 'ingress' }],
    virtualIps: [{ networkId: 'net1', address: '10.0.1.2/24' }],
  },
  updateStatus: { state: 'completed', startedAt: 1_000, completedAt: 2_000, message: 'update completed' },
});
const RUNNING = task({
  id: 'task1',
  serviceId: 'svc1',
  nodeId: SELF,
  networks: [{ networkId: 'net1', addresses: ['10.0.1.3/24'], aliases: [] }],
  status: {
    state: 'running',
    timestamp: 5,
    message: 'started',
    error: '',
    ports: [{ name: '', protocol: 'tcp', target: 80, published: 8080, mode: 'host' }],
    container: { containerId: 'c1', pid: 7, exitCode: 0 },
  },
});

describe('answers are as Docker describes them', () => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await apiBed((tx) => {
      tx.create('network', NETWORK);
      tx.create('service', WEB);
      tx.create('task', RUNNING);
      tx.create('secret', secret({ id: 'sec1' }));
      tx.create('config', config({ id: 'cfg1' }));
    });
    await bed.app.inject({
      method: 'POST',
      url: '/images/create?fromSrc=-&repo=web&tag=1&changes=CMD%20%2Fbin%2Fsh&changes=EXPOSE%2080',
      headers: { 'content-type': 'text/plain' },
      payload: Buffer.alloc(1024),
    });
    await bed.app.inject({
      method: 'POST',
      url: '/containers/create?name=box',
      payload: {
        Image: 'web:1',
        Labels: { a: 'b' },
        HostConfig: { Binds: ['data:/d'], PortBindings: { '80/tcp': [{ HostPort: '8080' }] }, PidsLimit: 5 },
      },
    });
  });
  afterAll(() => bed.close());

  const read: readonly (readonly [answer: string, url: string])[] = [
    ['GET /version', '/version'],
    ['GET /info', '/info'],
    ['GET /swarm', '/swarm'],
    ['GET /nodes', '/nodes'],
    ['GET /nodes/{id}', `/nodes/${SELF}`],
    ['GET /services', '/services'],
    ['GET /services', '/services?status=true'],
    ['GET /services/{id}', '/services/web'],
    ['GET /services/{id}', '/services/svc1?insertDefaults=true'],
    ['GET /tasks', '/tasks'],
    ['GET /tasks/{id}', '/tasks/task1'],
    ['GET /networks', '/networks'],
    ['GET /networks/{id}', '/networks/net1'],
    ['GET /networks/{id}', '/networks/net1?verbose=true&scope=swarm'],
    ['GET /networks/{id}', '/networks/host?scope=swarm'],
    ['GET /secrets', '/secrets'],
    ['GET /secrets/{id}', '/secrets/sec1'],
    ['GET /configs', '/configs'],
    ['GET /configs/{id}', '/configs/cfg1'],
    ['GET /images/json', '/images/json'],
    ['GET /images/{name}/json', '/images/web:1/json'],
    ['GET /images/{name}/history', '/images/web:1/history'],
    ['GET /containers/json', '/containers/json?all=1'],
    ['GET /containers/{id}/json', '/containers/box/json'],
  ];
  it.each(read)('%s as %s', async (answer, url) => {
    const response = await bed.app.inject({ method: 'GET', url });
    expect(response.statusCode, response.body).toBe(200);
    for (const version of DESCRIBED_VERSIONS) {
      expect(deviations(version, answer, response.json())).toEqual([]);
    }
  });

  const made: readonly (readonly [answer: string, url: string, payload: object])[] = [
    [
      'POST /services/create',
      '/services/create',
      { Name: 'api', TaskTemplate: { ContainerSpec: { Image: 'a' } } },
    ],
    ['POST /networks/create', '/networks/create', { Name: 'back', Driver: 'overlay' }],
    ['POST /secrets/create', '/secrets/create', { Name: 'pw', Data: 'c2VjcmV0' }],
    ['POST /configs/create', '/configs/create', { Name: 'conf', Data: 'YQ==' }],
    ['POST /containers/create', '/containers/create', { Image: 'web:1' }],
  ];
  it.each(made)('%s', async (answer, url, payload) => {
    const response = await bed.app.inject({ method: 'POST', url, payload });
    expect(response.statusCode, response.body).toBe(201);
    for (const version of DESCRIBED_VERSIONS) {
      expect(deviations(version, answer, response.json())).toEqual([]);
    }
  });

  it('a wrong answer would be found', () => {
    expect(deviations('1.50', 'GET /secrets', [{ Id: 'misspelled' }])).toEqual([
      'v1.50 GET /secrets /0: must NOT have unevaluated properties "Id"',
    ]);
    expect(deviations('1.41', 'GET /secrets', [{ ID: 7 }])).toEqual([
      'v1.41 GET /secrets /0/ID: must be string',
    ]);
  });

  it('a node that tells nonsense of its root does not spoil the list', async () => {
    await bed.store.update((tx) => {
      const self = tx.get('node', SELF);
      if (self?.description !== undefined) {
        tx.update('node', { ...self, description: { ...self.description, trustRootPem: 'nonsense' } });
      }
    });
    const [told] = (await bed.app.inject('/nodes')).json();
    expect(told.Description.TLSInfo).toEqual({ TrustRoot: 'nonsense' });
  });

  it('neither secrets nor registry credentials nor the root key are ever returned', async () => {
    const auth = Buffer.from(JSON.stringify({ username: 'u', password: 'hunter2' })).toString('base64url');
    const create = await bed.app.inject({
      method: 'POST',
      url: '/services/create',
      headers: { 'x-registry-auth': auth },
      payload: { Name: 'private', TaskTemplate: { ContainerSpec: { Image: 'a' } } },
    });
    expect(create.statusCode).toBe(201);
    expect(bed.store.view.get('service', create.json().ID)?.spec.task.container.registryAuth).toBe(auth);
    const secretText = (await bed.app.inject('/secrets/sec1')).body + (await bed.app.inject('/secrets')).body;
    expect(secretText).not.toMatch(/Data|AQID/);
    const everything = (
      await Promise.all(
        ['/services', '/services/private', '/tasks', '/swarm', '/info'].map((url) => bed.app.inject(url)),
      )
    ).map(({ body }) => body);
    expect(everything.join('\n')).not.toMatch(/hunter2|registryAuth|aHVudGVyMg/i);
    expect(everything.join('\n')).not.toContain(auth);
    expect(everything.join('\n')).not.toContain('"KEY"');
  });
});
