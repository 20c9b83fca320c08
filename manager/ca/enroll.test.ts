// Joining and renewing from end to end: a real CA over a real store, asked by the node's side over real TLS.
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../test/support/memory_store.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { enroll, renew } from '../../shared/enrolment/enroll.ts';
import { CurrentIdentity, type Identity } from '../../shared/identity/identity.ts';
import { makeJoinToken, rotateJoinTokens } from '../../shared/identity/token.ts';
import { silentLogger } from '../../shared/log.ts';
import type { Node } from '../../shared/model/node.ts';
import type { CaService } from '../../shared/protocol/ca.ts';
import { systemRandom } from '../../shared/random.ts';
import { client } from '../../shared/rpc/client.ts';
import { RpcConnection } from '../../shared/rpc/connection.ts';
import { toLeader } from '../../shared/rpc/forward.ts';
import { TlsListener } from '../../shared/rpc/listener_tls.ts';
import { RpcServer } from '../../shared/rpc/server.ts';
import { caMethods } from '../../shared/wire/methods/ca.ts';
import type { Store } from '../store/api.ts';
import { type NewCluster, createCluster } from './bootstrap.ts';
import { CaServer, isRevoked } from './server.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const signal = new AbortController().signal;

let store: Store;
let first: NewCluster;
let server: RpcServer;
let clock: Clock;
let managerTimeOffsetMs = 0;

const dependencies = { clock: systemClock, caMethods };
const shifted = (offsetMs: () => number): Clock => ({
  now: () => systemClock.now() + offsetMs(),
  monotonic: () => systemClock.monotonic(),
  after: (delayMs, callback) => systemClock.after(delayMs, callback),
  sleep: (delayMs, stop) => systemClock.sleep(delayMs, stop),
});

beforeEach(async () => {
  managerTimeOffsetMs = 0;
  clock = shifted(() => managerTimeOffsetMs);
  first = await createCluster({ clock, random: systemRandom }, { address: '127.0.0.1' });
  store = memoryStore();
  await store.update((tx) => {
    tx.create('cluster', first.cluster);
    tx.create('node', first.node);
  });
  server = await serve(first.identity);
});
afterEach(() => server.stop());

async function serve(
  identity: Identity,
  wrap: (local: CaService) => CaService = (local) => local,
): Promise<RpcServer> {
  const listener = new TlsListener(
    {
      identity: new CurrentIdentity(identity),
      clock,
      log: silentLogger,
      isRevoked: (nodeId) => isRevoked(store.view, nodeId),
    },
    { host: '127.0.0.1', port: 0 },
  );
  const running = new RpcServer({ listener, clock, log: silentLogger });
  running.serve(caMethods, wrap(new CaServer({ store, clock, random: systemRandom, log: silentLogger })));
  await running.start();
  return running;
}

const join = (token: string, over: { clock?: Clock; addresses?: readonly string[] } = {}) =>
  enroll(
    { ...dependencies, clock: over.clock ?? systemClock },
    { addresses: over.addresses ?? [server.address], token, availability: 'active', signal },
  );
const renewed = (identity: Identity) =>
  renew(dependencies, { identity, addresses: [server.address], signal });
const tokens = () => first.cluster.rootCa.joinTokens;
const stored = (nodeId: string): Node => {
  const node = store.view.get('node', nodeId);
  if (node === undefined) {
    throw new Error('no such node');
  }
  return node;
};
async function change(nodeId: string, edit: (node: Node) => Node): Promise<void> {
  await store.update((tx) => tx.update('node', edit(stored(nodeId))));
}
const wishRole = (nodeId: string, desiredRole: 'worker' | 'manager') =>
  change(nodeId, (node) => ({ ...node, spec: { ...node.spec, desiredRole } }));

describe('a node joins', () => {
  for (const role of ['worker', 'manager'] as const) {
    it(`with the ${role} token and becomes a ${role}`, async () => {
      const identity = await join(tokens()[role]);
      expect(identity).toMatchObject({ role, clusterId: first.cluster.id });
      expect(stored(identity.nodeId)).toMatchObject({
        role,
        spec: { desiredRole: role, membership: 'accepted', availability: 'active' },
        status: { state: 'unknown', address: '127.0.0.1' },
        certificate: { role, serial: new X509Certificate(identity.certificateChainPem).serialNumber },
      });
    });
  }

  it('its certificate is shaped as Swarm shapes it', async () => {
    const identity = await join(tokens().worker);
    const certificate = new X509Certificate(identity.certificateChainPem);
    expect(certificate.subject).toBe(`O=${first.cluster.id}\nOU=swarm-worker\nCN=${identity.nodeId}`);
    expect(certificate.subjectAltName).toBe(`DNS:swarm-worker, DNS:${identity.nodeId}`);
    const life = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom);
    expect(life).toBe(90 * DAY_MS + HOUR_MS);
    expect(Math.abs(Date.parse(certificate.validFrom) - (Date.now() - HOUR_MS))).toBeLessThan(60_000);
  });

  it('the second address answers when the first does not', async () => {
    const identity = await join(tokens().worker, { addresses: ['127.0.0.1:1', server.address] });
    expect(identity.role).toBe('worker');
  });
});

it('a node joins and renews at a manager that does not lead: the leader sees the node itself', async () => {
  const second = await join(tokens().manager);
  const toFirst = new RpcConnection(
    { clock },
    {
      target: {
        kind: 'tcp',
        address: server.address,
        trust: { kind: 'member', identity: new CurrentIdentity(second) },
      },
    },
  );
  const service = client(caMethods, toFirst, { forwardPeer: true });
  const route = { kind: 'elsewhere', address: server.address, service } as const;
  const follower = await serve(second, (local) => toLeader(caMethods, local, () => route));
  try {
    const third = await join(tokens().worker, { addresses: [follower.address] });
    expect(stored(third.nodeId)).toMatchObject({ role: 'worker', status: { address: '127.0.0.1' } });
    const again = await renew(dependencies, { identity: third, addresses: [follower.address], signal });
    expect(again.nodeId).toBe(third.nodeId);
  } finally {
    await follower.stop();
    toFirst.close();
  }
});

describe('a join is refused, and no node appears,', () => {
  afterEach(() => expect(store.view.count('node')).toBe(1));

  it('with a token of the right root and a wrong secret', async () => {
    const token = makeJoinToken(first.cluster.rootCa.digest, systemRandom);
    await expect(join(token)).rejects.toMatchObject({ kind: 'denied', code: 'token-refused' });
  });

  it('with a rotated token, while the new one and the other role still join', async () => {
    const old = tokens().worker;
    await store.update((tx) => {
      const cluster = tx.get('cluster', first.cluster.id) ?? first.cluster;
      const rootCa = rotateJoinTokens(cluster.rootCa, { worker: true, manager: false }, systemRandom);
      expect(rootCa.joinTokens.manager).toBe(tokens().manager);
      tx.update('cluster', { ...cluster, rootCa });
    });
    await expect(join(old)).rejects.toMatchObject({ code: 'token-refused' });
    const fresh = store.view.get('cluster', first.cluster.id)?.rootCa.joinTokens.worker ?? '';
    const identity = await join(fresh);
    await store.update((tx) => tx.remove('node', identity.nodeId));
  });

  it("with another cluster's token: the message shows both digests, and the token is not sent", async () => {
    const other = await createCluster({ clock, random: systemRandom }, { address: '' });
    const attempt = join(other.cluster.rootCa.joinTokens.worker);
    await expect(attempt).rejects.toMatchObject({
      code: 'ca-mismatch',
      data: { expected: other.cluster.rootCa.digest, actual: first.cluster.rootCa.digest },
      message: expect.stringContaining(
        `remote CA does not match fingerprint. Expected: ${other.cluster.rootCa.digest}`,
      ),
    });
  });

  it('by an impostor who shows the true root, but cannot speak for it', async () => {
    const impostor = await createCluster({ clock, random: systemRandom }, { address: '' });
    const running = await serve(impostor.identity);
    try {
      const attempt = join(tokens().worker, { addresses: [running.address] });
      await expect(attempt).rejects.toMatchObject({ code: 'certificate-untrusted' });
    } finally {
      await running.stop();
    }
  });

  it('when nothing answers', async () => {
    await expect(join(tokens().worker, { addresses: ['127.0.0.1:1'] })).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'unreachable',
      data: { address: '127.0.0.1:1' },
    });
    await expect(join(tokens().worker, { addresses: ['127.0.0.1:1', '127.0.0.1:2'] })).rejects.toMatchObject({
      code: 'managers-unreachable',
      message: expect.stringContaining('127.0.0.1:1, 127.0.0.1:2'),
    });
  });

  it('when the clock here is far behind: both times are said', async () => {
    const behind = shifted(() => -3 * HOUR_MS);
    await expect(join(tokens().worker, { clock: behind })).rejects.toMatchObject({
      code: 'clock-skew',
      message: expect.stringMatching(/valid from .* to .*, but the clock of this machine says/),
    });
  });

  it('when the clock here is far ahead', async () => {
    const ahead = shifted(() => 200 * DAY_MS);
    await expect(join(tokens().worker, { clock: ahead })).rejects.toMatchObject({ code: 'clock-skew' });
  });

  it('with an empty token', async () => {
    const listenerless = new CaServer({ store, clock, random: systemRandom, log: silentLogger });
    const request = { csrPem: '', token: '', availability: 'active' } as const;
    const peer = { kind: 'stranger', address: '10.0.0.1' } as const;
    await expect(listenerless.issueCertificate(request, { peer, signal })).rejects.toMatchObject({
      code: 'token-missing',
    });
  });

  it('with a request that is none', async () => {
    const ca = new CaServer({ store, clock, random: systemRandom, log: silentLogger });
    const request = { csrPem: 'hello', token: tokens().worker, availability: 'active' } as const;
    const peer = { kind: 'stranger', address: '10.0.0.1' } as const;
    await expect(ca.issueCertificate(request, { peer, signal })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'csr-malformed',
    });
  });
});

it('a node that joins a manager whose clock runs ahead is told so', async () => {
  managerTimeOffsetMs = 5 * HOUR_MS;
  await expect(join(tokens().worker)).rejects.toMatchObject({ code: 'clock-skew' });
});

describe('a node renews', () => {
  it('and keeps its id with a new key and certificate', async () => {
    const before = await join(tokens().worker);
    const after = await renewed(before);
    expect(after).toMatchObject({ nodeId: before.nodeId, role: 'worker' });
    expect(after.keyPem).not.toBe(before.keyPem);
    expect(stored(after.nodeId).certificate.serial).toBe(
      new X509Certificate(after.certificateChainPem).serialNumber,
    );
  });

  it('into the role it was promoted to', async () => {
    const worker = await join(tokens().worker);
    await wishRole(worker.nodeId, 'manager');
    expect((await renewed(worker)).role).toBe('manager');
    expect(stored(worker.nodeId).role).toBe('manager');
  });

  it('into a worker, but only once it has left raft', async () => {
    const manager = await join(tokens().manager);
    const managerStatus = { raftId: 7, address: 'x:2377', leader: false, reachability: 'reachable' } as const;
    await change(manager.nodeId, (node) => ({ ...node, managerStatus }));
    await wishRole(manager.nodeId, 'worker');
    await expect(renewed(manager)).rejects.toMatchObject({ code: 'demotion-pending', retryable: true });
    await change(manager.nodeId, ({ managerStatus: _left, ...node }) => node);
    expect((await renewed(manager)).role).toBe('worker');
  });

  it('not when its object is gone, and not when it is listed as removed', async () => {
    const worker = await join(tokens().worker);
    await store.update((tx) => tx.remove('node', worker.nodeId));
    await expect(renewed(worker)).rejects.toMatchObject({ kind: 'denied', code: 'node-removed' });
    await store.update((tx) => {
      const cluster = tx.get('cluster', first.cluster.id) ?? first.cluster;
      const revoked = [{ nodeId: worker.nodeId, expiresAt: Date.now() + DAY_MS }];
      tx.update('cluster', { ...cluster, revoked });
    });
    await expect(renewed(worker)).rejects.toMatchObject({ code: 'certificate-revoked' });
  });
});

describe('a new cluster', () => {
  it("has Swarm's defaults, and the settings that were asked for", async () => {
    expect(first.cluster).toMatchObject({
      defaultAddressPool: ['10.0.0.0/8'],
      subnetSize: 24,
      dataPathPort: 4789,
      spec: {
        orchestration: { taskHistoryRetentionLimit: 5 },
        raft: { snapshotInterval: 10_000 },
        dispatcher: { heartbeatPeriodMs: 5_000 },
        ca: { nodeCertExpiryMs: 90 * DAY_MS },
      },
    });
    const settings = { taskHistoryRetentionLimit: 0, labels: { a: 'b' } };
    const { cluster } = await createCluster({ clock, random: systemRandom }, { address: '', settings });
    expect(cluster.spec).toEqual({
      ...first.cluster.spec,
      labels: { a: 'b' },
      orchestration: { taskHistoryRetentionLimit: 0 },
    });
  });

  it('is not made with certificates that live under an hour', async () => {
    const settings = { nodeCertExpiryMs: HOUR_MS - 1 };
    const attempt = createCluster({ clock, random: systemRandom }, { address: '', settings });
    await expect(attempt).rejects.toMatchObject({ code: 'cert-expiry-too-short' });
  });
});
