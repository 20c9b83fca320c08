// A service spec goes in as JSON and comes out as the same JSON: every field that skein serves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiBed, apiBed } from '../../test/support/api_bed.ts';
import { deviations } from '../../test/support/engine_schemas.ts';
import { config, network, secret } from '../../test/support/objects.ts';

const UPDATE = {
  Parallelism: 2,
  Delay: 1_500_000_000,
  FailureAction: 'rollback',
  Monitor: 15_000_000_000,
  MaxFailureRatio: 0.25,
  Order: 'start-first',
};

const MAXIMAL = {
  Name: 'web',
  Labels: { tier: 'front', empty: '' },
  TaskTemplate: {
    ContainerSpec: {
      Image: '10.0.0.5:5000/web:1',
      Labels: { built: 'today' },
      Command: ['/bin/sh', '-c'],
      Args: ['exec httpd -f'],
      Hostname: 'web-{{.Task.Slot}}',
      Env: ['A=1', 'B='],
      Dir: '/srv',
      User: '1000:1000',
      Groups: ['10', 'video'],
      Privileges: {
        CredentialSpec: null,
        SELinuxContext: null,
        NoNewPrivileges: true,
        Seccomp: {
          Mode: 'custom',
          Profile: Buffer.from('{"defaultAction":"SCMP_ACT_ALLOW"}').toString('base64'),
        },
        AppArmor: { Mode: 'disabled' },
      },
      Init: false,
      StopSignal: 'SIGINT',
      TTY: true,
      OpenStdin: true,
      ReadOnly: true,
      Mounts: [
        {
          Type: 'bind',
          Source: '/data',
          Target: '/data',
          ReadOnly: true,
          Consistency: 'cached',
          BindOptions: { Propagation: 'rslave', NonRecursive: true, CreateMountpoint: true },
        },
        {
          Type: 'volume',
          Source: 'cache',
          Target: '/cache',
          VolumeOptions: {
            NoCopy: true,
            Labels: { a: 'b' },
            DriverConfig: { Name: 'local', Options: { type: 'tmpfs' } },
            Subpath: 'sub/dir',
          },
        },
        { Type: 'tmpfs', Target: '/run', TmpfsOptions: { SizeBytes: 65_536, Mode: 0o1777 } },
      ],
      StopGracePeriod: 20_000_000_001,
      Healthcheck: {
        Test: ['CMD-SHELL', 'wget -qO- localhost'],
        Interval: 5_000_000_000,
        Timeout: 1_000_000_000,
        StartPeriod: 2_000_000_000,
        StartInterval: 1_000_000_000,
        Retries: 4,
      },
      Hosts: ['10.0.0.9 db db.internal'],
      DNSConfig: { Nameservers: ['10.0.0.53'], Search: ['internal'], Options: ['ndots:2'] },
      Secrets: [
        { File: { Name: 'pw', UID: '33', GID: '33', Mode: 0o400 }, SecretID: 'sec1', SecretName: 'sec1' },
      ],
      Configs: [
        { File: { Name: '/etc/c', UID: '0', GID: '0', Mode: 0o444 }, ConfigID: 'cfg1', ConfigName: 'cfg1' },
      ],
      Isolation: 'default',
      Sysctls: { 'net.core.somaxconn': '1024' },
      CapabilityAdd: ['CAP_NET_ADMIN'],
      CapabilityDrop: ['CAP_MKNOD'],
      Ulimits: [
        { Name: 'nofile', Hard: 2048, Soft: 1024 },
        { Name: 'core', Hard: -1, Soft: -1 },
      ],
      OomScoreAdj: 100,
    },
    Resources: {
      Limits: { NanoCPUs: 500_000_000, MemoryBytes: 67_108_864, Pids: 50 },
      Reservations: {
        NanoCPUs: 100_000_000,
        MemoryBytes: 33_554_432,
        GenericResources: [
          { DiscreteResourceSpec: { Kind: 'ssd', Value: 2 } },
          { NamedResourceSpec: { Kind: 'gpu', Value: 'uuid1' } },
        ],
      },
    },
    RestartPolicy: { Condition: 'on-failure', Delay: 3_000_000_000, MaxAttempts: 7, Window: 60_000_000_000 },
    Placement: {
      Constraints: ['node.role == worker', 'node.labels.zone != east'],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }],
      MaxReplicas: 3,
      Platforms: [{ Architecture: 'x86_64', OS: 'linux' }],
    },
    Networks: [{ Target: 'net1', Aliases: ['www'], DriverOpts: { a: 'b' } }],
    LogDriver: { Name: 'json-file', Options: { 'max-size': '10m' } },
    ForceUpdate: 3,
    Runtime: 'container',
  },
  Mode: { Replicated: { Replicas: 4 } },
  UpdateConfig: UPDATE,
  RollbackConfig: { ...UPDATE, Parallelism: 0, FailureAction: 'pause', Order: 'stop-first' },
  EndpointSpec: {
    Mode: 'vip',
    Ports: [
      { Name: 'http', Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' },
      { Protocol: 'udp', TargetPort: 53, PublishMode: 'host' },
    ],
  },
};

describe('service specs', () => {
  let bed: ApiBed;
  const create = async (payload: object) =>
    bed.app.inject({ method: 'POST', url: '/v1.41/services/create', payload });
  const specOf = async (ref: string) => (await bed.app.inject(`/services/${ref}`)).json().Spec;
  /** A minimal service with some fields of its own. */
  const small = (name: string, over: object = {}, container: object = {}, template: object = {}) => ({
    Name: name,
    TaskTemplate: { ContainerSpec: { Image: 'a', ...container }, ...template },
    ...over,
  });

  beforeAll(async () => {
    bed = await apiBed((tx) => {
      tx.create('network', network({ id: 'net1' }));
      tx.create('secret', secret({ id: 'sec1' }));
      tx.create('config', config({ id: 'cfg1' }));
    });
  });
  afterAll(() => bed.close());

  it('a spec with every field comes back as it went in', async () => {
    const created = await create(MAXIMAL);
    expect(created.statusCode, created.body).toBe(201);
    const service = (await bed.app.inject(`/services/${created.json().ID}`)).json();
    expect(service.Spec).toEqual(MAXIMAL);
    expect(deviations('1.50', 'GET /services/{id}', service)).toEqual([]);
  });

  it('an update with the spec as it was read changes nothing', async () => {
    const before = (await bed.app.inject('/services/web')).json();
    const answer = await bed.app.inject({
      method: 'POST',
      url: `/services/web/update?version=${before.Version.Index}`,
      payload: before.Spec,
    });
    expect(answer.statusCode, answer.body).toBe(200);
    expect((await bed.app.inject('/services/web')).json()).toEqual(before);
  });

  it('a minimal spec is one replica, with no default written out but on request', async () => {
    await create(small('small'));
    expect(await specOf('small')).toEqual({
      Name: 'small',
      Labels: {},
      TaskTemplate: {
        ContainerSpec: { Image: 'a', Isolation: 'default' },
        ForceUpdate: 0,
        Runtime: 'container',
      },
      Mode: { Replicated: { Replicas: 1 } },
    });
    expect(await specOf('small?insertDefaults=true')).toMatchObject({
      TaskTemplate: { RestartPolicy: { Condition: 'any', Delay: 5_000_000_000 } },
      UpdateConfig: { Parallelism: 1, FailureAction: 'pause' },
      EndpointSpec: { Mode: 'vip' },
    });
  });

  it('unknown fields are ignored, names match in any case, null is absent', async () => {
    const answer = await create({
      ...small('lax', { Mode: { global: {} }, Wings: 2, UpdateConfig: null }, { env: ['A=1'], Fly: true }),
    });
    expect(answer.statusCode, answer.body).toBe(201);
    const spec = await specOf('lax');
    expect(spec.Mode).toEqual({ Global: {} });
    expect(spec.TaskTemplate.ContainerSpec.Env).toEqual(['A=1']);
    expect(spec).not.toHaveProperty('UpdateConfig');
    expect(spec).not.toHaveProperty('Wings');
  });

  it('networks beside the template, as before API 1.25, count too', async () => {
    await create(small('old', { Networks: [{ Target: 'net1' }] }));
    expect((await specOf('old')).TaskTemplate.Networks).toEqual([{ Target: 'net1' }]);
  });

  it('without a name it gets one of two words, and another when that is taken', async () => {
    const first = await create(small(''));
    const second = await create(small(''));
    const names = await Promise.all([first, second].map(async (made) => (await specOf(made.json().ID)).Name));
    expect(names[0]).toMatch(/^[a-z]+_[a-z]+$/);
    expect(new Set(names).size).toBe(2);
  });

  const refused: readonly (readonly [situation: string, payload: object, status: number, message: RegExp])[] =
    [
      ['a bad name', small('no spaces'), 400, /name .*must be valid as a DNS name/],
      ['a name that is taken', small('web'), 409, /name conflicts with an existing object: service web/],
      [
        'negative replicas',
        small('x', { Mode: { Replicated: { Replicas: -1 } } }),
        400,
        /-1 does not fit.*Replicas/,
      ],
      [
        'huge replicas',
        small('x', { Mode: { Replicated: { Replicas: 1e30 } } }),
        400,
        /1e\+30 does not fit.*Replicas/,
      ],
      [
        'half a replica',
        small('x', { Mode: { Replicated: { Replicas: 1.5 } } }),
        400,
        /Replicas of type integer/,
      ],
      ['two modes', small('x', { Mode: { Replicated: {}, Global: {} } }), 400, /only one service mode/],
      [
        'an unknown network',
        small('x', {}, {}, { Networks: [{ Target: 'nowhere' }] }),
        404,
        /network nowhere not found/,
      ],
      [
        'a bad constraint',
        small('x', {}, {}, { Placement: { Constraints: ['node.role ~ x'] } }),
        400,
        /constraint/,
      ],
      [
        'a port that is taken',
        small('x', { EndpointSpec: { Ports: [{ TargetPort: 1, PublishedPort: 8080 }] } }),
        400,
        /port '8080' is already in use by service 'web'/,
      ],
      [
        'memory below 4 MiB',
        small('x', {}, {}, { Resources: { Limits: { MemoryBytes: 1 } } }),
        400,
        /4 ?MiB/i,
      ],
      [
        'memory beyond all measure',
        small('x', {}, {}, { Resources: { Limits: { MemoryBytes: 1e300 } } }),
        400,
        /MemoryBytes/,
      ],
      ['no image', { Name: 'x', TaskTemplate: { ContainerSpec: {} } }, 400, /image/],
      ['no container at all', { Name: 'x' }, 400, /image/],
      [
        'a text for a list',
        small('x', {}, { Env: 'A=1' }),
        400,
        /cannot read string into field ServiceSpec.TaskTemplate.ContainerSpec.Env of type array/,
      ],
      ['a number in a list of texts', small('x', {}, { Args: ['a', 1] }), 400, /Args\[1\] of type string/],
      [
        'a list for an object',
        small('x', { EndpointSpec: [] }),
        400,
        /cannot read array into field ServiceSpec.EndpointSpec/,
      ],
      [
        'a text for a number',
        small('x', {}, { StopGracePeriod: '10s' }),
        400,
        /StopGracePeriod of type integer/,
      ],
      [
        'an unknown word',
        small('x', { EndpointSpec: { Mode: 'magic' } }),
        400,
        /EndpointSpec.Mode: 'magic' .*vip, dnsrr/,
      ],
      [
        'an unknown secret',
        small('x', {}, { Secrets: [{ SecretID: 'no', SecretName: 'pw' }] }),
        400,
        /secret not found: pw/,
      ],
      ['a job', small('x', { Mode: { ReplicatedJob: {} } }), 501, /not implemented: .*job/],
      ['a plugin', small('x', {}, {}, { Runtime: 'plugin' }), 501, /not implemented: task runtime plugin/],
      [
        'an image mount',
        small('x', {}, { Mounts: [{ Type: 'image', Target: '/x' }] }),
        501,
        /mounts of type image/,
      ],
      [
        'a credential spec',
        small('x', {}, { Privileges: { CredentialSpec: { File: 'x' } } }),
        501,
        /CredentialSpec/,
      ],
    ];
  it.each(refused)('%s is refused', async (_situation, payload, status, message) => {
    const answer = await create(payload);
    expect(answer.json().message).toMatch(message);
    expect(answer.statusCode).toBe(status);
    expect((await bed.app.inject('/services/x')).statusCode).toBe(404);
  });

  it('a stale version, or none, changes nothing', async () => {
    const { Version, Spec } = (await bed.app.inject('/services/small')).json();
    const update = (query: string) =>
      bed.app.inject({ method: 'POST', url: `/services/small/update${query}`, payload: Spec });
    expect((await update(`?version=${Version.Index - 1}`)).json().message).toMatch(/update out of sequence/);
    expect((await update('')).json().message).toMatch(/invalid version ''/);
    expect((await update('?version=first')).statusCode).toBe(400);
    expect((await update(`?version=${Version.Index}&rollback=next`)).json().message).toBe(
      'unrecognized rollback option next',
    );
  });

  it('an update without credentials keeps the old ones, rollback takes the spec before', async () => {
    const auth = (username: string) => ({
      'x-registry-auth': Buffer.from(JSON.stringify({ username, password: 'p' })).toString('base64url'),
    });
    const kept = (id: string) => bed.store.view.get('service', id)?.spec.task.container.registryAuth;
    const create = await bed.app.inject({
      method: 'POST',
      url: '/services/create',
      headers: auth('ann'),
      payload: small('secured'),
    });
    const { ID: id } = create.json();
    const update = async (payload: object, headers: Record<string, string>, query = '') => {
      const version = (await bed.app.inject(`/services/${id}`)).json().Version.Index;
      const answer = await bed.app.inject({
        method: 'POST',
        url: `/services/${id}/update?version=${version}${query}`,
        headers,
        payload,
      });
      expect(answer.statusCode, answer.body).toBe(200);
    };
    await update(small('secured', { Labels: { a: '1' } }), {});
    expect(kept(id)).toBe(auth('ann')['x-registry-auth']);
    await update(small('secured', { Labels: { a: '2' } }), auth('bob'));
    expect(kept(id)).toBe(auth('bob')['x-registry-auth']);
    await update(small('secured', { Labels: { a: '3' } }), {}, '&registryAuthFrom=previous-spec');
    expect(kept(id)).toBe(auth('ann')['x-registry-auth']);
    await update(small('secured'), {}, '&rollback=previous');
    expect((await specOf(id)).Labels).toEqual({ a: '2' });
  });
});
