// For tests: one real manager on loopback, with raft on a disk of its own, and certificates of every kind that
// somebody could show it. Ended and removed by `stop`.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manager } from '../../../manager/manager.ts';
import type { ReplicatedStore } from '../../../manager/store/store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { enroll } from '../../../shared/enrolment/enroll.ts';
import { loadIdentity } from '../../../shared/identity/files.ts';
import type { Identity } from '../../../shared/identity/identity.ts';
import { createKey, createRequest } from '../../../shared/identity/keys.ts';
import { signNodeCertificate } from '../../../shared/identity/signing.ts';
import { type TestCluster, testCluster } from '../../../shared/identity/test/test_cluster.ts';
import { newId } from '../../../shared/ids.ts';
import { silentLogger } from '../../../shared/log.ts';
import type { NodeRole } from '../../../shared/model/node.ts';
import type { ControlService } from '../../../shared/protocol/control.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import { systemRandom } from '../../../shared/random.ts';
import { client } from '../../../shared/rpc/client.ts';
import { RpcConnection } from '../../../shared/rpc/connection.ts';
import { caMethods } from '../../../shared/wire/methods/ca.ts';
import { controlMethods } from '../../../shared/wire/methods/control.ts';

const HOUR_MS = 60 * 60_000;

/** What a client presents in TLS; nothing for a stranger. */
export interface Presented {
  readonly cert?: string;
  readonly key?: string;
}

export interface RunningManager {
  readonly port: number;
  readonly address: string;
  readonly directory: string;
  /** The operator's way in. */
  readonly control: ControlService;
  readonly store: ReplicatedStore;
  /** Lets a node in by the cluster's token, as a daemon does. */
  join(role: NodeRole): Promise<Identity>;
  /** A certificate below the cluster's own root with anything in it. */
  sign(overrides: {
    issuedAt?: number;
    lifeMs?: number;
    clusterId?: string;
    role?: NodeRole;
  }): Promise<Presented>;
  readonly own: Identity;
  stop(): Promise<void>;
}

export function localCall(signal: AbortSignal = AbortSignal.timeout(20_000)): CallContext {
  return { peer: { kind: 'local' }, signal };
}

export function presented(identity: Identity): Presented {
  return { cert: identity.certificateChainPem, key: identity.keyPem };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has an address');
  }
  return address.port;
}

export async function runManager(): Promise<RunningManager> {
  const directory = await mkdtemp(join(tmpdir(), 'skt-hostile-'));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const socket = join(directory, 'run', 'manager.sock');
  const certificates = join(directory, 'certificates');
  const fatal: unknown[] = [];
  const manager = new Manager(
    {
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      onFatal: (error) => fatal.push(error),
      onLock: () => undefined,
    },
    {
      directory: join(directory, 'manager'),
      certificates,
      socket,
      listenAddress: address,
      advertiseAddress: address,
      logLevel: 'error',
      start: {
        kind: 'bootstrap',
        availability: 'active',
        hostname: 'target',
        defaultAddressPool: ['10.0.0.0/8'],
        subnetSize: 24,
        dataPathPort: 4789,
        settings: {},
      },
    },
  );
  await manager.start();
  const local = new RpcConnection({ clock: systemClock }, { target: { kind: 'unix', path: socket } });
  const control = client(controlMethods, local);
  const own = await loadIdentity(certificates, Date.now());
  const store = storeOf(manager);
  return {
    port,
    address,
    directory,
    control,
    store,
    own,
    async join(role) {
      const { rootCa } = await control.getCluster(localCall());
      return await enroll(
        { clock: systemClock, caMethods },
        {
          addresses: [address],
          token: rootCa.joinTokens[role],
          availability: 'active',
          signal: AbortSignal.timeout(20_000),
        },
      );
    },
    async sign({
      issuedAt = Date.now(),
      lifeMs = 90 * 24 * HOUR_MS,
      clusterId = own.clusterId,
      role = 'manager',
    }) {
      const [cluster] = store.view.all('cluster');
      if (cluster === undefined) {
        throw new Error('the cluster exists');
      }
      const key = await createKey();
      const nodeId = newId(systemRandom);
      const parameters = { nodeId, role, clusterId, now: issuedAt, lifeMs };
      const request = await createRequest(key);
      const signed = await signNodeCertificate(cluster.rootCa, request, parameters, systemRandom);
      return { cert: signed.certificatePem, key };
    },
    async stop() {
      local.close();
      await manager.stop();
      await rm(directory, { recursive: true, force: true });
      if (fatal.length > 0) {
        throw fatal[0];
      }
    },
  };
}

/** The store behind the services: what a test must see that no call tells, such as the root's key. */
function storeOf(manager: Manager): ReplicatedStore {
  const running: unknown = Reflect.get(manager, 'running');
  return Reflect.get(running as object, 'store') as ReplicatedStore;
}

/** One of each kind of certificate that must open nothing. */
export async function refusedCertificates(target: RunningManager): Promise<Record<string, Presented>> {
  const other: TestCluster = await testCluster();
  const forged: TestCluster = await testCluster(target.own.clusterId);
  const gone = await target.join('worker');
  const goneManager = await target.join('manager');
  for (const { nodeId } of [gone, goneManager]) {
    await removeNode(target, nodeId);
  }
  return {
    'a self-signed certificate': { cert: forged.root.certPem, key: forged.root.keyPem },
    "another cluster's manager": presented(await other.identity('manager')),
    "another root's manager of the same cluster id": presented(await forged.identity('manager')),
    'a manager of another cluster below the same root': await target.sign({ clusterId: newId(systemRandom) }),
    'an expired manager': await target.sign({ issuedAt: Date.now() - 3 * HOUR_MS, lifeMs: HOUR_MS }),
    'a manager of tomorrow': await target.sign({ issuedAt: Date.now() + 24 * HOUR_MS }),
    "a removed worker's certificate": presented(gone),
    "a removed manager's certificate": presented(goneManager),
  };
}

async function removeNode(target: RunningManager, nodeId: string): Promise<void> {
  const { control } = target;
  const node = await control.getNode({ ref: nodeId }, localCall());
  if (node.spec.desiredRole === 'manager') {
    await control.updateNode(
      { ref: nodeId, version: node.meta.version, spec: { ...node.spec, desiredRole: 'worker' } },
      localCall(),
    );
  }
  await control.removeNode({ ref: nodeId, force: true }, localCall());
}
