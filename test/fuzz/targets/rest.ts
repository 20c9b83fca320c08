// The REST face with the real control API behind it: any body and query of any path is answered, and never with the
// status that says a program broke.
import type { ApiBed } from '../../support/api_bed.ts';
import { apiBed } from '../../support/api_bed.ts';
import { check, type FuzzTarget } from '../target.ts';

const CONTAINER = {
  Image: 'registry/a:1',
  Command: ['sh'],
  Env: ['A=b'],
  Mounts: [{ Type: 'volume', Source: 'v', Target: '/v', VolumeOptions: { DriverConfig: { Name: 'local' } } }],
  Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000, Retries: 3 },
  Hosts: ['10.0.0.1 a'],
  DNSConfig: { Nameservers: ['10.0.0.1'] },
  Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
  Secrets: [{ SecretID: 'x', SecretName: 's', File: { Name: 'f', UID: '0', GID: '0', Mode: 292 } }],
  StopGracePeriod: 1_000_000_000,
  Privileges: { NoNewPrivileges: true, Seccomp: { Mode: 'default' } },
};
const SERVICE = {
  Name: 'web',
  Labels: { a: 'b' },
  TaskTemplate: {
    ContainerSpec: CONTAINER,
    Resources: { Limits: { NanoCPUs: 1e9, MemoryBytes: 1e8 }, Reservations: { GenericResources: [] } },
    RestartPolicy: { Condition: 'any', Delay: 1e9, MaxAttempts: 3 },
    Placement: {
      Constraints: ['node.role==worker'],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.a' } }],
    },
    Networks: [{ Target: 'net', Aliases: ['a'] }],
    ForceUpdate: 1,
  },
  Mode: { Replicated: { Replicas: 2 } },
  UpdateConfig: {
    Parallelism: 1,
    Delay: 1e9,
    FailureAction: 'pause',
    MaxFailureRatio: 0.1,
    Order: 'stop-first',
  },
  EndpointSpec: {
    Mode: 'vip',
    Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
  },
};
const NETWORK = {
  Name: 'net',
  Driver: 'overlay',
  Attachable: true,
  IPAM: {
    Driver: 'default',
    Config: [{ Subnet: '10.5.0.0/24', Gateway: '10.5.0.1', IPRange: '10.5.0.0/25' }],
  },
  Options: { encrypted: '' },
};
const SWARM = {
  Name: 'default',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: { SnapshotInterval: 10000 },
  Dispatcher: { HeartbeatPeriod: 5e9 },
  CAConfig: { NodeCertExpiry: 7776e12 },
  EncryptionConfig: { AutoLockManagers: false },
};

/** First line: method and path; then the body. */
const SEEDS: readonly (readonly [string, unknown])[] = [
  ['POST /v1.41/services/create', SERVICE],
  ['POST /v1.41/services/create', { ...SERVICE, Mode: { Global: {} } }],
  ['POST /v1.41/services/web/update?version=1&rollback=previous', SERVICE],
  ['POST /v1.50/networks/create', NETWORK],
  ['POST /v1.41/secrets/create', { Name: 's', Data: 'eA==', Labels: {} }],
  ['POST /v1.41/configs/create', { Name: 'c', Data: 'eA==', Templating: { Name: 'golang' } }],
  ['POST /v1.41/configs/c/update?version=1', { Name: 'c', Data: 'eA==', Labels: { a: '1' } }],
  ['POST /v1.41/swarm/update?version=1&rotateWorkerToken=true', SWARM],
  [
    'POST /v1.41/swarm/init',
    {
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: '10.0.0.1',
      DefaultAddrPool: ['10.0.0.0/8'],
      SubnetSize: 24,
    },
  ],
  [
    'POST /v1.41/swarm/join',
    { ListenAddr: '0.0.0.0', RemoteAddrs: ['10.0.0.1:2377'], JoinToken: 'SWMTKN-1-a-b' },
  ],
  ['POST /v1.41/swarm/unlock', { UnlockKey: 'SWMKEY-1-x' }],
  ['POST /v1.41/skein/swarm/backup', { Passphrase: 'a long one', UseUnlockKey: false }],
  [
    'POST /v1.41/nodes/node00000000000000000self/update?version=1',
    { Role: 'manager', Availability: 'active', Labels: {} },
  ],
  ['GET /v1.41/tasks?filters={"desired-state":["running"],"label":["a=b"]}', null],
  ['GET /v1.41/services?filters={"mode":["global"]}&status=true', null],
  ['GET /v1.41/nodes?filters={"role":["manager"]}', null],
  ['GET /v1.41/networks?filters={"scope":["swarm"]}', null],
  ['GET /v1.41/images/json?filters={"reference":["a*"]}', null],
  ['GET /v1.41/images/a%2Fb/json', null],
  ['POST /v1.41/images/create?fromImage=a&tag=b', null],
  ['DELETE /v1.41/services/web', null],
];

export function restTarget(): FuzzTarget {
  let bed: ApiBed | undefined;
  return {
    name: 'REST call',
    form: 'json',
    seeds: async () => {
      bed = await apiBed();
      return SEEDS.map(([line, body]) => Buffer.from(`${line}\n${JSON.stringify(body)}`));
    },
    run: async (input) => {
      if (bed === undefined) {
        throw new Error('seeds() comes first');
      }
      bed.node.state = 'manager';
      const text = input.toString();
      const end = text.indexOf('\n');
      const line = end < 0 ? text : text.slice(0, end);
      const [, method = 'GET', url = '/'] = /^([A-Z]{1,7}) (\/[^\s#]*)/.exec(line) ?? [];
      const known = ['GET', 'POST', 'DELETE', 'PUT', 'HEAD'] as const;
      const answer = await bed.app.inject({
        method: known.find((each) => each === method) ?? 'GET',
        url,
        headers: { 'content-type': 'application/json' },
        payload: end < 0 ? '' : text.slice(end + 1),
      });
      check(answer.statusCode !== 500, `500: ${answer.body.slice(0, 300)}`);
    },
    close: async () => bed?.close(),
  };
}
