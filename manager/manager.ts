// The life of a manager: how it comes up (a new cluster, one from a backup, joining, again after a stop) and how it
// ends. What it consists of is listed in `running.ts`.
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SkeinError } from '../shared/errors.ts';
import { loadIdentity, saveIdentity } from '../shared/identity/files.ts';
import type { Identity } from '../shared/identity/identity.ts';
import { Sealing } from '../shared/identity/sealing.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { ManagerConfig } from '../shared/protocol/manager_process.ts';
import type { Random } from '../shared/random.ts';
import { client } from '../shared/rpc/client.ts';
import { raftMembershipMethods } from '../shared/wire/methods/raft_membership.ts';
import { createIngressNetwork } from './allocator/ingress_network.ts';
import { readBackup, replaceManagers, seedRaft } from './backup/restore.ts';
import { createCluster, firstManager, type NewCluster } from './ca/bootstrap.ts';
import { type MemberFile, readMember, writeMember } from './member_file.ts';
import { hostAndPort, localContext, type ManagerDependencies, Running } from './running.ts';

/** Leading takes one election; a founder leads at once. */
const BOOTSTRAP_TIMEOUT_MS = 20_000;
/** The leader probes this manager, adds it and may send it a snapshot first. */
const JOIN_TIMEOUT_MS = 30_000;
const RAFT_ID_BYTES = 6;

export class Manager implements Startable {
  private readonly dependencies: ManagerDependencies;
  private readonly config: ManagerConfig;
  private running: Running | undefined;

  constructor(dependencies: ManagerDependencies, config: ManagerConfig) {
    this.dependencies = dependencies;
    this.config = config;
  }

  get nodeId(): string {
    return this.running?.identity.get().nodeId ?? '';
  }

  async start(): Promise<void> {
    const { start } = this.config;
    await mkdir(dirname(this.config.socket), { recursive: true, mode: 0o711 });
    if (start.kind === 'bootstrap') {
      await this.found(start);
    } else if (start.kind === 'restore') {
      await this.restore(start);
    } else {
      const identity = await loadIdentity(this.config.certificates, this.dependencies.clock.now(), {
        allowExpired: true,
        lock: this.lock(),
      });
      await this.enter(identity);
    }
  }

  async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    if (running === undefined) {
      return;
    }
    // Leadership goes first, so that the others need not wait for a time-out.
    await running.raft?.stop();
    await running.leadership?.set(false);
    await Promise.all([running.cluster.stop(), running.local.stop()]);
    await running.watcher.stop();
    await running.keeper.stop();
    running.peers.close();
  }

  private lock(): Sealing | undefined {
    const { lockKey } = this.config;
    return lockKey === undefined
      ? undefined
      : new Sealing(Buffer.from(lockKey, 'base64'), this.dependencies.random);
  }

  private async found(start: Extract<ManagerConfig['start'], { kind: 'bootstrap' }>): Promise<void> {
    const { clock, random } = this.dependencies;
    const created = await createCluster(
      { clock, random },
      {
        address: hostOf(this.config.advertiseAddress),
        settings: start.settings,
        availability: start.availability,
        defaultAddressPool: start.defaultAddressPool,
        subnetSize: start.subnetSize,
        dataPathPort: start.dataPathPort,
      },
    );
    await rm(this.config.directory, { recursive: true, force: true });
    const running = this.build(created.identity);
    await running.cluster.start();
    await saveIdentity(this.config.certificates, created.identity);
    const member = { raftId: drawRaftId(random), members: [] };
    await writeMember(this.config.directory, member);
    await this.startRaft(running, member, { kind: 'bootstrap' });
    await this.commitFirst(running, created);
    await running.keeper.start();
    await running.local.start();
  }

  /** A cluster from a backup. Everything of the file is read before anything is written. */
  private async restore(start: Extract<ManagerConfig['start'], { kind: 'restore' }>): Promise<void> {
    const { clock, random } = this.dependencies;
    const { directory, certificates, advertiseAddress } = this.config;
    const restored = await readBackup(start.file, start.secret);
    const place = { address: hostOf(advertiseAddress), availability: start.availability };
    const { node, identity } = await firstManager(restored.cluster, place, clock.now(), random);
    await rm(directory, { recursive: true, force: true });
    const running = this.build(identity);
    await running.cluster.start();
    await saveIdentity(certificates, identity);
    const member = { raftId: drawRaftId(random), members: [] };
    await writeMember(directory, member);
    const self = { raftId: member.raftId, nodeId: identity.nodeId, address: advertiseAddress };
    await seedRaft({ random }, { directory, lock: this.lock(), member: self }, restored);
    await this.startRaft(running, member, start);
    await leading(running, AbortSignal.timeout(BOOTSTRAP_TIMEOUT_MS));
    await replaceManagers(running.store, node);
    await running.keeper.start();
    await running.local.start();
  }

  /** Joins with an id that it then keeps, or goes on under the one it has. */
  private async enter(identity: Identity): Promise<void> {
    const { start } = this.config;
    const running = this.build(identity);
    await running.cluster.start();
    let member = await readMember(this.config.directory);
    if (member === undefined) {
      const managers = start.kind === 'join' || start.kind === 'restart' ? start.managers : [];
      member = await this.join(running, managers);
      await writeMember(this.config.directory, member);
    }
    await this.startRaft(running, member, start);
    await running.keeper.start();
    await running.local.start();
  }

  private build(identity: Identity): Running {
    const running = new Running(this.dependencies, this.config, identity, this.lock());
    this.running = running;
    return running;
  }

  private async startRaft(
    running: Running,
    member: MemberFile,
    start: { readonly kind: ManagerConfig['start']['kind'] },
  ): Promise<void> {
    await running.startRaft(member, start.kind);
  }

  private async join(running: Running, managers: readonly string[]): Promise<MemberFile> {
    const signal = AbortSignal.timeout(JOIN_TIMEOUT_MS);
    const failures: unknown[] = [];
    // A manager that joins anew still knows its own address as one of theirs: it cannot let itself in.
    for (const address of managers.filter((candidate) => candidate !== this.config.advertiseAddress)) {
      try {
        const remote = client(raftMembershipMethods, running.peers.get(address, ''));
        const { raftId, members } = await remote.join(
          { address: this.config.advertiseAddress },
          localContext(signal),
        );
        return { raftId, members };
      } catch (error) {
        failures.push(error);
      }
    }
    throw (
      failures[0] ??
      new SkeinError('unavailable', 'no-managers', 'no manager of the cluster is known to this node')
    );
  }

  /** The cluster's first entry: the cluster itself, this node, and the network of the routing mesh. */
  private async commitFirst(running: Running, created: NewCluster): Promise<void> {
    await leading(running, AbortSignal.timeout(BOOTSTRAP_TIMEOUT_MS));
    await running.store.update((tx) => {
      tx.create('cluster', created.cluster);
      tx.create('node', created.node);
      createIngressNetwork(tx, this.dependencies.random);
    });
  }
}

async function leading(running: Running, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (running.leader) {
      resolve();
      return;
    }
    const unsubscribe = running.raft?.onLeadership(({ leader }) => {
      if (leader) {
        unsubscribe?.();
        resolve();
      }
    });
    signal.addEventListener(
      'abort',
      () => reject(new SkeinError('timeout', 'no-leader', 'the first manager did not come to lead in time')),
      {
        once: true,
      },
    );
  });
}

function drawRaftId(random: Random): number {
  return Math.max(
    1,
    random.bytes(RAFT_ID_BYTES).reduce((value, byte) => value * 256 + byte, 0),
  );
}

function hostOf(address: string): string {
  return hostAndPort(address).host;
}
