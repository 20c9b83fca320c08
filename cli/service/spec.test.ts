// Flags of service create and update against the spec they send. The expected parts are those that the docker
// command (28.2) sends for the same flags.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../client/types.ts';
import { FakeDaemon, skein } from '../test/fake_daemon.ts';
import { service } from '../test/objects.ts';
import { getPath, type Json } from './scalars.ts';

const C = 'TaskTemplate.ContainerSpec';
const plain = service('web');
const web: Service = {
  ...plain,
  Spec: {
    ...plain.Spec,
    TaskTemplate: {
      ...plain.Spec.TaskTemplate,
      ContainerSpec: {
        ...plain.Spec.TaskTemplate.ContainerSpec,
        Mounts: [{ Type: 'volume', Source: 'a', Target: '/a' }],
        Hosts: ['1.2.3.4 h', '1.2.3.5 h', '1.2.3.6 i'],
        CapabilityAdd: ['CAP_NET_ADMIN'],
        Secrets: [{ File: { Name: 'pw', UID: '0', GID: '0', Mode: 292 }, SecretID: 'sid', SecretName: 'pw' }],
      },
      Networks: [{ Target: 'netid' }],
      Placement: { Constraints: ['node.role==manager'] },
    },
  },
};
const second = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8081, PublishMode: 'ingress' };

const CREATED: readonly (readonly [flags: string, path: string, value: unknown])[] = [
  [
    '--limit-cpu .5 --limit-memory 512m',
    'TaskTemplate.Resources.Limits',
    { NanoCPUs: 5e8, MemoryBytes: 536870912 },
  ],
  ['-e A=1 -e B=2 -e A=3', `${C}.Env`, ['B=2', 'A=3']],
  [
    '--update-delay 10s',
    'UpdateConfig',
    {
      Parallelism: 1,
      Delay: 1e10,
      Monitor: 5e9,
      FailureAction: 'pause',
      Order: 'stop-first',
      MaxFailureRatio: 0,
    },
  ],
  ['--mode global', 'Mode', { Global: {} }],
  ['--replicas 0', 'Mode', { Replicated: { Replicas: 0 } }],
  [
    '--health-cmd true --health-interval 5s',
    `${C}.Healthcheck`,
    { Test: ['CMD-SHELL', 'true'], Interval: 5e9 },
  ],
  ['--no-healthcheck', `${C}.Healthcheck`, { Test: ['NONE'] }],
  ['--cap-add net_admin --cap-drop ALL', `${C}.CapabilityAdd`, ['CAP_NET_ADMIN']],
  ['--network name=back,alias=x', 'TaskTemplate.Networks', [{ Target: 'netid', Aliases: ['x'] }]],
  [
    '--placement-pref spread=node.labels.z',
    'TaskTemplate.Placement.Preferences',
    [{ Spread: { SpreadDescriptor: 'node.labels.z' } }],
  ],
  ['--init=false --tty', `${C}.Init`, false],
  ['--stop-grace-period 3s', `${C}.StopGracePeriod`, 3e9],
];

const UPDATED: readonly (readonly [flags: string, path: string, value: unknown])[] = [
  ['--env-add C=3 --env-add B=9 --env-rm A', `${C}.Env`, ['B=9', 'C=3']],
  ['--image web:2', `${C}.Image`, 'web:2'],
  ['--replicas 5', 'Mode', { Replicated: { Replicas: 5 } }],
  ['--force', 'TaskTemplate.ForceUpdate', 1],
  ['--label-add a=b --label-rm tier', 'Labels', { a: 'b' }],
  ['--publish-add 8081:80', 'EndpointSpec.Ports', [...(plain.Spec.EndpointSpec?.Ports ?? []), second]],
  ['--publish-rm 80 --publish-add 8081:80', 'EndpointSpec.Ports', [second]],
  ['--mount-rm /a', `${C}.Mounts`, []],
  [
    '--mount-add type=bind,source=/x,target=/a',
    `${C}.Mounts`,
    [{ Type: 'bind', Source: '/x', Target: '/a' }],
  ],
  ['--host-rm h', `${C}.Hosts`, ['1.2.3.6 i']],
  ['--host-rm h:1.2.3.5', `${C}.Hosts`, ['1.2.3.4 h', '1.2.3.6 i']],
  ['--cap-drop NET_ADMIN', `${C}.CapabilityAdd`, []],
  ['--cap-drop NET_ADMIN', `${C}.CapabilityDrop`, []],
  ['--cap-add sys_time', `${C}.CapabilityAdd`, ['CAP_NET_ADMIN', 'CAP_SYS_TIME']],
  ['--secret-rm pw', `${C}.Secrets`, []],
  ['--network-rm back', 'TaskTemplate.Networks', []],
  [
    '--constraint-add a==b --constraint-rm node.role==manager',
    'TaskTemplate.Placement.Constraints',
    ['a==b'],
  ],
  ['--limit-memory 0', 'TaskTemplate.Resources.Limits', { MemoryBytes: 0 }],
  ['--user u', 'Name', 'web'],
];

describe('specs', () => {
  let daemon: FakeDaemon;
  beforeAll(async () => {
    daemon = await FakeDaemon.start();
    daemon.answers = {
      'POST /services/create': { json: { ID: 'x' } },
      'GET /services/web': { json: web },
      [`POST /services/${web.ID}/update`]: { json: {} },
      'GET /networks/back': { json: { Id: 'netid', Name: 'back' } },
    };
  });
  afterAll(() => daemon.stop());

  const sent = (): Json => Object(daemon.asked.findLast((asked) => asked.method === 'POST')?.body);

  it.each(CREATED)('create %s: %s', async (flags, path, value) => {
    const words = ['service', 'create', '-d', '--no-resolve-image', ...flags.split(' '), 'web:1'];
    const ran = await skein(words, { host: daemon.host });
    expect(ran.stderr).toBe('');
    expect(getPath(sent(), path)).toEqual(value);
  });

  it.each(UPDATED)('update %s: %s', async (flags, path, value) => {
    const words = ['service', 'update', '-d', '--no-resolve-image', ...flags.split(' '), 'web'];
    const ran = await skein(words, { host: daemon.host });
    expect(ran.stderr).toBe('');
    expect(getPath(sent(), path)).toEqual(value);
  });

  it.each([
    ['create --mode global --replicas 2 web:1', 'replicas can only be used with replicated'],
    ['create --mode odd web:1', 'Unknown mode: odd'],
    ['create --no-healthcheck --health-cmd x web:1', '--no-healthcheck conflicts'],
    ['update --rollback --image x web', 'other flags may not be combined with --rollback'],
    ['update --network-add back web', 'already attached to network'],
  ])('refuses %s', async (line, message) => {
    const ran = await skein(['service', ...line.replace(' ', ' -d ').split(' ')], { host: daemon.host });
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(message);
  });

  it('a roll-back names the version it was made from', async () => {
    await skein(['service', 'update', '-d', '--rollback', 'web'], { host: daemon.host });
    const { query } = daemon.asked.findLast((asked) => asked.method === 'POST') ?? {
      query: new URLSearchParams(),
    };
    expect([query.get('version'), query.get('rollback')]).toEqual(['11', 'previous']);
  });
});
