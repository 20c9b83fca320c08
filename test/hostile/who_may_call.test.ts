// Who may call what on the cluster's port: every method of every table, as every kind of caller, on a real
// manager over real TLS. The methods are found, not listed: a new one without a line here fails the test.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methodsOfAllTables } from '../support/method_tables.ts';
import { GRPC_UNIMPLEMENTED, RawClient } from './support/raw_client.ts';
import {
  type Presented,
  presented,
  refusedCertificates,
  type RunningManager,
  runManager,
} from './support/running_manager.ts';

type Member = 'stranger' | 'worker' | 'manager';

/** The intended door of each service: who is let in to which of its calls. `nobody` is not on this port at all. */
const EVERYBODY: readonly Member[] = ['stranger', 'worker', 'manager'];
const NODES: readonly Member[] = ['worker', 'manager'];
const MANAGERS: readonly Member[] = ['manager'];
const NOBODY: readonly Member[] = [];

const DOORS: Readonly<Record<string, Readonly<Record<string, readonly Member[]>>>> = {
  Ca: { GetRootCertificate: EVERYBODY, IssueCertificate: EVERYBODY },
  Backup: { Create: NOBODY },
  Control: Object.fromEntries(
    [
      ...['GetCluster', 'UpdateCluster', 'GetUnlockKey', 'WatchEvents'],
      ...['ListNodes', 'GetNode', 'UpdateNode', 'RemoveNode'],
      ...['ListServices', 'GetService', 'CreateService', 'UpdateService', 'RemoveService'],
      ...['ListTasks', 'GetTask'],
      ...['ListNetworks', 'GetNetwork', 'CreateNetwork', 'RemoveNetwork', 'RotateNetworkKeys'],
      ...['ListSecrets', 'GetSecret', 'CreateSecret', 'UpdateSecret', 'RemoveSecret'],
      ...['ListConfigs', 'GetConfig', 'CreateConfig', 'UpdateConfig', 'RemoveConfig'],
    ].map((name) => [name, MANAGERS]),
  ),
  Dispatcher: { Session: NODES },
  Logs: { Subscribe: MANAGERS, Listen: NODES, Publish: NODES },
  Manager: { GetState: MANAGERS },
  RaftMembership: { Join: MANAGERS, Leave: MANAGERS },
  RaftTransport: { Messages: MANAGERS, Snapshot: MANAGERS },
};

/** A call that is let in may stay open for good: that it was not refused within this says enough. */
const PATIENCE_MS = 300;
const REFUSED_CERTIFICATE = /^certificate-/;

function doorOf(path: string): readonly Member[] | undefined {
  const [, service, method] = /^\/skein\.v1\.(\w+)\/(\w+)$/.exec(path) ?? [];
  return DOORS[service ?? '']?.[method ?? ''];
}

const methods = await methodsOfAllTables();
let target: RunningManager;
let members: Readonly<Record<Member, Presented>>;
let refused: Readonly<Record<string, Presented>>;

beforeAll(async () => {
  target = await runManager();
  members = {
    stranger: {},
    worker: presented(await target.join('worker')),
    manager: presented(await target.join('manager')),
  };
  refused = await refusedCertificates(target);
}, 60_000);
afterAll(() => target.stop());

/** `path: code` of every method, all on one connection of that caller. */
async function outcomes(
  caller: Presented,
  headers: Readonly<Record<string, string | Buffer>> = {},
): Promise<Readonly<Record<string, string>>> {
  const client = new RawClient(target.port, caller);
  try {
    const answers = await Promise.all(
      methods.map(async ({ path }) => {
        const answer = await client.call(path, new Uint8Array(0), { headers, patienceMs: PATIENCE_MS });
        return [
          path,
          answer.status === GRPC_UNIMPLEMENTED && answer.code === '' ? 'not-served' : answer.code,
        ];
      }),
    );
    return Object.fromEntries(answers);
  } finally {
    client.close();
  }
}

/** What the table says about that caller: refused, not served, or anything else. */
function expected(member: Member, refusal: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    methods.map(({ path }) => {
      const door = doorOf(path) ?? [];
      const letIn = expect.not.stringMatching(
        /^(caller-not-allowed|forward-untrusted|certificate-.*|not-served)$/,
      );
      return [path, door.length === 0 ? 'not-served' : door.includes(member) ? letIn : refusal];
    }),
  );
}

describe('the table', () => {
  it('has a line for every method of every service, and no other', () => {
    const lines = Object.entries(DOORS).flatMap(([service, door]) =>
      Object.keys(door).map((method) => `/skein.v1.${service}/${method}`),
    );
    expect(methods.map(({ path }) => path).sort()).toEqual(lines.sort());
  });
});

describe('every method', () => {
  it.each(['stranger', 'worker', 'manager'] as const)('as a %s', async (member) => {
    expect(await outcomes(members[member])).toEqual(expected(member, 'caller-not-allowed'));
  });

  it.each([
    'a self-signed certificate',
    "another cluster's manager",
    "another root's manager of the same cluster id",
    'a manager of another cluster below the same root',
    'an expired manager',
    'a manager of tomorrow',
    "a removed worker's certificate",
    "a removed manager's certificate",
  ])('with %s', async (kind) => {
    const seen = await outcomes(refused[kind] ?? {});
    const codes = Object.entries(seen).map(([path, code]) => [
      path,
      doorOf(path)?.length === 0 ? code === 'not-served' : REFUSED_CERTIFICATE.test(code),
    ]);
    expect(codes.filter(([, isRefused]) => isRefused !== true)).toEqual([]);
    expect(codes).toHaveLength(methods.length);
  });

  it('has tried every certificate there is', () => {
    expect(Object.keys(refused)).toHaveLength(8);
  });

  it.each(['stranger', 'worker'] as const)('as a %s who claims to pass a call on', async (member) => {
    const claims = [
      { kind: 'local' },
      {
        kind: 'node',
        nodeId: target.own.nodeId,
        role: 'manager',
        clusterId: target.own.clusterId,
        address: '',
      },
    ];
    for (const claim of claims) {
      const headers = { 'skein-forwarded-peer-bin': Buffer.from(JSON.stringify(claim)) };
      const seen = new Set(Object.values(await outcomes(members[member], headers)));
      expect([...seen].sort()).toEqual(['forward-untrusted', 'not-served']);
    }
  });

  it("as a worker that names a manager's connection for its own", async () => {
    const manager = new RawClient(target.port, members.manager);
    try {
      await manager.call('/skein.v1.Manager/GetState');
      const { localPort } = manager.session.socket ?? {};
      const headers = { 'skein-connection': `127.0.0.1|${localPort}|127.0.0.1|${target.port}` };
      expect(await outcomes(members.worker, headers)).toEqual(expected('worker', 'caller-not-allowed'));
    } finally {
      manager.close();
    }
  });
});
