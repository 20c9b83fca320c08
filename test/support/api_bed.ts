// The Engine REST face over a real control API, a real store and a real image store; only the node's life
// (init, join, leave) and the logs are played. For the unit tests of daemon/api and for docker on a socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type {
  Backend,
  InitRequest,
  JoinRequest,
  LocalNode,
  NodeBackend,
  RestoreRequest,
} from '../../daemon/api/backend.ts';
import { buildApi } from '../../daemon/api/server.ts';
import { TaskContainers } from '../../daemon/task_containers.ts';
import type { WriteTransaction } from '../../manager/store/api.ts';
import { systemClock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { BackupService } from '../../shared/protocol/backup.ts';
import { createRoot } from '../../shared/identity/signing.ts';
import { silentLogger } from '../../shared/log.ts';
import type { LogMessage, LogService } from '../../shared/protocol/logs.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { seededRandom } from '../../shared/random.ts';
import type { NetworkReport } from '../../worker/network/api.ts';
import { LocalImageStore } from '../../worker/image/local_store.ts';
import type { ContainerRuntime } from '../../worker/runtime/runtime.ts';
import { type Harness, harness } from './control_harness.ts';
import { idleContainers, idleRuntime } from './idle_containers.ts';
import { cluster, node } from './objects.ts';

export const SELF = 'node00000000000000000self';

/** Plays the node: what it was asked is kept for the test to see. */
export class PlayedNode implements NodeBackend {
  readonly asked: (InitRequest | JoinRequest | RestoreRequest | { readonly force: boolean })[] = [];
  readonly logMessages = new AsyncQueue<LogMessage>(1_000);
  /** Aborted subscriptions, told apart from those that ended. */
  subscriptionsAborted = 0;
  state: 'inactive' | 'worker' | 'manager' = 'manager';
  private readonly api: Harness['api'];

  constructor(api: Harness['api']) {
    this.api = api;
  }

  status(): LocalNode {
    const active = this.state !== 'inactive';
    return {
      state: active ? 'active' : 'inactive',
      nodeId: active ? SELF : '',
      nodeAddress: active ? '10.0.0.1' : '',
      clusterId: active ? 'cluster' : '',
      controlAvailable: this.state === 'manager',
      error: '',
      remoteManagers: active ? [{ nodeId: SELF, address: '10.0.0.1:2377' }] : [],
    };
  }

  init(request: InitRequest): Promise<string> {
    if (this.state !== 'inactive') {
      return Promise.reject(alreadyPart());
    }
    this.asked.push(request);
    this.state = 'manager';
    return Promise.resolve(SELF);
  }

  join(request: JoinRequest): Promise<void> {
    if (this.state !== 'inactive') {
      return Promise.reject(alreadyPart());
    }
    this.asked.push(request);
    this.state = 'worker';
    return Promise.resolve();
  }

  restore(request: RestoreRequest): Promise<string> {
    this.asked.push(request);
    this.state = 'manager';
    return Promise.resolve(SELF);
  }

  backup(): BackupService {
    this.mustManage();
    return {
      create: async function* () {
        yield { data: Buffer.from('sealed ') };
        yield { data: Buffer.from('bytes') };
      },
    };
  }

  leave(request: { readonly force: boolean }): Promise<void> {
    this.asked.push(request);
    this.state = 'inactive';
    return Promise.resolve();
  }

  unlock(unlockKey: string): Promise<void> {
    return Promise.reject(
      new SkeinError(
        'conflict',
        'not-locked',
        `not locked: no use for a key of ${unlockKey.length} characters`,
      ),
    );
  }

  control(): Harness['api'] {
    this.mustManage();
    return this.api;
  }

  logs(): LogService {
    this.mustManage();
    return {
      subscribe: (_request, context) => this.subscribed(context.signal),
      listen: () => {
        throw new Error('for agents');
      },
      publish: () => Promise.reject(new Error('for agents')),
    };
  }

  readonly networkReports: NetworkReport[] = [];

  checkNetworks(): Promise<readonly NetworkReport[]> {
    return Promise.resolve(this.networkReports);
  }

  managerState(): Promise<never> {
    return Promise.reject(new Error('not asked by the API'));
  }

  private async *subscribed(signal: AbortSignal): AsyncGenerator<LogMessage> {
    signal.addEventListener('abort', () => {
      this.subscriptionsAborted += 1;
      this.logMessages.close();
    });
    yield* this.logMessages;
  }

  private mustManage(): void {
    if (this.state !== 'manager') {
      throw new SkeinError('unavailable', 'not-a-manager', 'This node is not a swarm manager.');
    }
  }
}

function alreadyPart(): SkeinError {
  return new SkeinError('unavailable', 'already-in-swarm', 'This node is already part of a swarm.');
}

export interface ApiBed extends Harness {
  readonly app: FastifyInstance;
  readonly node: PlayedNode;
  readonly images: LocalImageStore;
  readonly backend: Backend;
  close(): Promise<void>;
}

/** @param fill objects that are there at the beginning, besides the cluster and this node. */
export async function apiBed(fill: (tx: WriteTransaction) => void = () => undefined): Promise<ApiBed> {
  const root = await createRoot(Date.now(), seededRandom(1));
  const directory = mkdtempSync(join(tmpdir(), 'skt-api-'));
  const control = await harness((tx) => {
    const present = tx.get('cluster', 'cluster') ?? cluster();
    tx.update('cluster', { ...present, rootCa: { ...present.rootCa, certPem: root.certPem } });
    tx.create('node', selfNode(root.certPem));
    fill(tx);
  });
  control.raft.members = [{ raftId: 1, nodeId: SELF, address: '10.0.0.1:2377', learner: false }];
  control.raft.active = [1];
  const images = new LocalImageStore(
    { clock: systemClock, log: silentLogger },
    { directory, insecure: [], defaultRegistry: '' },
  );
  await images.start();
  const played = new PlayedNode(control.api);
  const backend = backendOf(played, images, await idleRuntime(directory), directory);
  const app = await buildApi({ backend, log: silentLogger, random: seededRandom(7) });
  return {
    ...control,
    app,
    node: played,
    images,
    backend,
    close: async () => {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function selfNode(trustRootPem: string) {
  const base = node({ id: SELF, role: 'manager' });
  return {
    ...base,
    description: {
      ...(base.description ?? fail()),
      hostname: 'h1',
      trustRootPem,
    },
    managerStatus: {
      raftId: 1,
      address: '10.0.0.1:2377',
      leader: true,
      reachability: 'reachable' as const,
    },
  };
}

function fail(): never {
  throw new Error('the node of test/support/objects.ts has a description');
}

function backendOf(
  played: PlayedNode,
  images: LocalImageStore,
  runtime: ContainerRuntime,
  root: string,
): Backend {
  return {
    node: played,
    images,
    daemonId: 'd3m0n1d0000000000000000000',
    version: '0.1.0',
    startedAt: 1_700_000_000_000,
    insecureRegistries: ['10.0.0.5:5000'],
    host: () => ({
      description: selfNode('').description,
      kernelVersion: '6.1.0',
      operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
      osVersion: '12',
      cgroupVersion: '2',
      runtime: 'crun',
      root,
      storageDriver: 'overlay2',
      balancer: 'nftables',
      warnings: [],
    }),
    containers: idleContainers(images, runtime, root),
    taskContainers: new TaskContainers({ runtime, images, tasks: () => [] }),
    containerCounts: () => ({ running: 1, paused: 0, stopped: 2 }),
  };
}
