// The daemon's parts list: images, volumes, containers and network of this node, the node's life in a
// cluster, and the API in front. Reads from top to bottom as it is built.
import { type FileHandle, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import { SkeinError } from '../shared/errors.ts';
import { Enrolment } from '../shared/enrolment/enrolment.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { Logger } from '../shared/log.ts';
import type { Task } from '../shared/model/task.ts';
import { systemRandom } from '../shared/random.ts';
import { caMethods } from '../shared/wire/methods/ca.ts';
import { ClaimFile } from '../worker/attachment/claim_file.ts';
import { NodeAttachments } from '../worker/attachment/attachments.ts';
import { LocalImageStore } from '../worker/image/local_store.ts';
import { homeNamespace } from '../worker/kernel/namespace.ts';
import { chooseBalancer } from '../worker/network/balance/balancer_choice.ts';
import { networkWarnings, probeKernel } from '../worker/network/kernel_probe.ts';
import { encryptionWarnings, missingForEncryption } from '../worker/network/encryption/probe.ts';
import { describeHost, findPrograms, readHostFacts } from '../worker/runtime/host_facts.ts';
import { ContainerRuntime } from '../worker/runtime/runtime.ts';
import { isContainerId } from '../worker/container/api.ts';
import { Containers } from '../worker/container/containers.ts';
import { LocalVolumes } from '../worker/volume/local_volumes.ts';
import { ApiServer } from './api/server.ts';
import { SKEIN_VERSION } from './api/version.ts';
import { type AgentParts, createAgent, endRemains, type NodePlace } from './agent.ts';
import { daemonId } from './daemon_id.ts';
import { readSystemFacts } from './host_summary.ts';
import { ManagerProcess } from './manager_process.ts';
import { NodeNetwork } from './node_network.ts';
import { connectLocalManager } from './node/local_manager.ts';
import { SwarmNode } from './node/swarm_node.ts';
import type { DaemonOptions } from './options.ts';
import { TaskContainers } from './task_containers.ts';
import { lockDirectory } from './directory_lock.ts';
import { checkRootFormat } from './root_format.ts';
import { forbidCoreDumps } from '../worker/kernel/core_dump.ts';

export interface DaemonDependencies {
  readonly log: Logger;
}

const clock = systemClock;
const random = systemRandom;

export class Daemon implements Startable {
  private readonly log: Logger;
  private readonly options: DaemonOptions;
  private locks: FileHandle[] = [];
  /** In the order in which they were started. */
  private started: Startable[] = [];

  constructor(dependencies: DaemonDependencies, options: DaemonOptions) {
    this.log = dependencies.log;
    this.options = options;
  }

  /** @throws SkeinError that says what to do: no permission, root in use, missing programs, taken socket */
  async start(): Promise<void> {
    if (process.getuid?.() !== 0) {
      throw new SkeinError(
        'denied',
        'not-root',
        'must run as root: it makes namespaces, mounts and cgroups (try sudo)',
      );
    }
    const { log, options } = this;
    this.locks.push(await lockDirectory(options.root, '--root'));
    this.locks.push(await lockDirectory(options.execRoot, '--exec-root'));
    await checkRootFormat(options.root);
    forbidCoreDumps();
    const facts = await readHostFacts();
    const programs = await findPrograms(facts, options.runtime);

    const images = new LocalImageStore(
      { clock, log: log.child({ part: 'image' }) },
      {
        directory: join(options.root, 'image'),
        insecure: options.insecureRegistries,
        defaultRegistry: options.defaultRegistry,
      },
    );
    const volumes = new LocalVolumes({ clock }, { root: options.root });
    // Which program balances is known, and refused where the kernel lacks it, before any swarm.
    const balancer = chooseBalancer(options.balancer, homeNamespace()).program;
    const runtime = new ContainerRuntime(
      { clock, logger: log.child({ part: 'runtime' }), host: facts, programs },
      { root: options.root, execRoot: options.execRoot, cgroupParent: options.cgroupParent },
    );
    const attachmentLog = log.child({ part: 'attachment' });
    const attachments = new NodeAttachments({
      clock,
      random,
      logger: attachmentLog,
      file: new ClaimFile({ logger: attachmentLog }, { path: join(options.root, 'attachments.json') }),
    });
    const describe = (trustRootPem: string) =>
      describeHost(facts, { version: SKEIN_VERSION, labels: options.labels, trustRootPem });
    const network: NodeNetwork = new NodeNetwork(
      {
        ...{ clock, log: log.child({ part: 'network' }) },
        survivors: () => containers.survivors(),
        beforeLeave: () => containers.stopOnOverlays(),
      },
      { execRoot: options.execRoot, balancer },
    );
    const containers = new Containers(
      {
        ...{ clock, random, runtime, images, volumes, attachments },
        logger: log.child({ part: 'container' }),
        network: () => network.started(),
      },
      { root: options.root },
    );
    const agentParts: AgentParts = {
      clock,
      random,
      log: log.child({ part: 'agent' }),
      images,
      volumes,
      runtime,
      attachments,
      network,
      describe,
    };
    const place: NodePlace = { root: options.root };
    let localTasks: () => readonly Task[] = () => [];
    const node = new SwarmNode(
      {
        clock,
        random,
        log: log.child({ part: 'node' }),
        enrolment: new Enrolment({ clock, random, caMethods }),
        createAgent: (identity, state) => {
          const agent = createAgent(agentParts, { ...place, identity, state });
          localTasks = agent.tasks;
          return agent;
        },
        endRemains: () => endRemains(agentParts, place),
        createManager: (events) =>
          new ManagerProcess(
            { clock, log },
            { entry: join(import.meta.dirname, '..', 'manager', 'main.js'), ...events },
          ),
        connectLocal: (socket) => connectLocalManager(clock, socket),
      },
      {
        root: options.root,
        managerSocket: join(options.execRoot, 'manager.sock'),
        hostname: hostname(),
        logLevel: options.logLevel,
        dataPathPort: options.dataPathPort,
      },
    );
    const support = await probeKernel(clock, join(options.execRoot, 'probe-netns'));
    const system = await readSystemFacts(facts, programs, [
      ...networkWarnings(support),
      ...encryptionWarnings(missingForEncryption(homeNamespace())),
    ]);
    const startedAt = clock.now();
    const api = new ApiServer(
      {
        log: log.child({ part: 'api' }),
        backend: {
          node,
          images,
          daemonId: await daemonId(options.root, random),
          version: SKEIN_VERSION,
          startedAt,
          insecureRegistries: options.insecureRegistries,
          host: () => ({
            ...system,
            description: describe(''),
            root: options.root,
            balancer: balancer,
          }),
          containers,
          taskContainers: new TaskContainers({ runtime, images, tasks: () => localTasks() }),
          containerCounts: () => {
            const phases = [
              ...runtime.list().flatMap(({ id, phase }) => (isContainerId(id) ? [] : [phase])),
              ...containers.list().map((container) => container.view().status),
            ];
            const running = phases.filter((phase) => phase === 'running').length;
            return { running, paused: 0, stopped: phases.length - running };
          },
        },
      },
      { hosts: options.hosts, groupId: await groupId(options.group), tls: options.tls },
    );
    await images.start();
    const parts: readonly Startable[] = [runtime, attachments, network, containers, node, api];
    for (const part of parts) {
      await part.start();
      this.started.push(part);
    }
    attachments.settle();
    await mkdir(dirname(options.pidfile), { recursive: true, mode: 0o711 });
    await writeFile(options.pidfile, `${process.pid}\n`, { mode: 0o644 });
    log.info({ version: SKEIN_VERSION, runtime: programs.name, balancer: balancer }, 'skeind is ready');
  }

  async stop(): Promise<void> {
    const parts = this.started.reverse();
    this.started = [];
    for (const part of parts) {
      await part.stop();
    }
    await rm(this.options.pidfile, { force: true });
    for (const lock of this.locks.splice(0)) {
      await lock.close();
    }
  }
}

/** @throws SkeinError `no-such-group` */
async function groupId(name: string): Promise<number | undefined> {
  if (name === '') {
    return undefined;
  }
  const line = (await readFile('/etc/group', 'utf8'))
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`));
  const id = Number(line?.split(':')[2] ?? (/^\d+$/.test(name) ? name : Number.NaN));
  if (!Number.isInteger(id)) {
    throw new SkeinError('invalid', 'no-such-group', `--group: there is no group '${name}' on this machine`);
  }
  return id;
}
