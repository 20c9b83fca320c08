// What a client asks before anything else: ping, version, info; and the cluster's events.
import { arch, platform, totalmem, cpus } from 'node:os';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { SkeinError } from '../../../shared/errors.ts';
import type { ClusterEvent, Filters } from '../../../shared/protocol/control.ts';
import type { Backend, LocalNode } from '../backend.ts';
import { timestamp } from '../json/fields.ts';
import { writeClusterInfo } from '../json/swarm.ts';
import { callContext, Query } from '../request.ts';
import { API_VERSION, MIN_API_VERSION } from '../version.ts';

export function systemRoutes(app: FastifyInstance, backend: Backend): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/_ping',
    handler: (_request, reply) =>
      reply
        .headers({
          'builder-version': '1',
          swarm: swarmHeader(backend.node.status()),
          'cache-control': 'no-cache, no-store, must-revalidate',
          pragma: 'no-cache',
        })
        .type('text/plain; charset=utf-8')
        .send('OK'),
  });
  app.get('/version', () => versionAnswer(backend));
  app.get('/info', (_request, reply) => infoAnswer(backend, reply));
  app.get('/events', (request, reply) => {
    const query = new Query(request);
    return reply
      .type('application/json')
      .send(Readable.from(eventLines(backend, query, reply), { objectMode: false }));
  });
}

/** The docker command hides its swarm commands by this header. */
function swarmHeader(node: LocalNode): string {
  return node.state === 'active' ? `active/${node.controlAvailable ? 'manager' : 'worker'}` : node.state;
}

function versionAnswer(backend: Backend): Record<string, unknown> {
  const { kernelVersion } = backend.host();
  const details = {
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    Os: platform(),
    Arch: goArch(),
    KernelVersion: kernelVersion,
  };
  return {
    Platform: { Name: `skein ${backend.version}` },
    Components: [
      {
        Name: 'Engine',
        Version: backend.version,
        Details: { ...details, Experimental: 'false', GitCommit: '', GoVersion: '', BuildTime: '' },
      },
    ],
    Version: backend.version,
    ...details,
    GitCommit: '',
    GoVersion: '',
    BuildTime: '',
  };
}

function goArch(): string {
  const known: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return known[arch()] ?? arch();
}

async function infoAnswer(backend: Backend, reply: FastifyReply): Promise<Record<string, unknown>> {
  const host = backend.host();
  const counts = backend.containers();
  return {
    ID: backend.daemonId,
    Containers: counts.running + counts.paused + counts.stopped,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: backend.images.list().length,
    Driver: host.storageDriver,
    DriverStatus: [['Balancer', host.balancer]],
    Plugins: {
      Volume: ['local'],
      Network: ['host', 'null', 'overlay'],
      Authorization: null,
      Log: ['json-file'],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 0,
    OomKillDisable: false,
    NGoroutines: 0,
    SystemTime: timestamp(Date.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: host.cgroupVersion,
    NEventsListener: 0,
    KernelVersion: host.kernelVersion,
    OperatingSystem: host.operatingSystem,
    OSVersion: host.osVersion,
    OSType: platform(),
    Architecture: host.description.platform.architecture,
    IndexServerAddress: '',
    RegistryConfig: {
      InsecureRegistryCIDRs: ['127.0.0.0/8'],
      IndexConfigs: Object.fromEntries(
        backend.insecureRegistries.map((name) => [
          name,
          { Name: name, Mirrors: [], Secure: false, Official: false },
        ]),
      ),
      Mirrors: [],
    },
    NCPU: cpus().length,
    MemTotal: totalmem(),
    GenericResources: null,
    DockerRootDir: host.root,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: host.description.hostname,
    Labels: Object.entries(host.description.engine.labels).map(([key, value]) => `${key}=${value}`),
    ExperimentalBuild: false,
    ServerVersion: backend.version,
    Runtimes: { [host.runtime]: { path: host.runtime } },
    DefaultRuntime: host.runtime,
    Swarm: await swarmInfo(backend, reply),
    LiveRestoreEnabled: true,
    Isolation: '',
    InitBinary: 'tini',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: ['name=seccomp,profile=builtin'],
    Warnings: host.warnings.length > 0 ? host.warnings : null,
  };
}

async function swarmInfo(backend: Backend, reply: FastifyReply): Promise<Record<string, unknown>> {
  const node = backend.node.status();
  const local = {
    NodeID: node.nodeId,
    NodeAddr: node.nodeAddress,
    LocalNodeState: node.state,
    ControlAvailable: node.controlAvailable,
    Error: node.error,
    RemoteManagers:
      node.remoteManagers.length === 0
        ? null
        : node.remoteManagers.map((manager) => ({ NodeID: manager.nodeId, Addr: manager.address })),
  };
  if (!node.controlAvailable) {
    return local;
  }
  try {
    const context = callContext(reply);
    const control = backend.node.control();
    const [cluster, nodes] = await Promise.all([
      control.getCluster(context),
      control.listNodes({ filters: {} }, context),
    ]);
    return {
      ...local,
      Nodes: nodes.length,
      Managers: nodes.filter((candidate) => candidate.managerStatus !== undefined).length,
      Cluster: writeClusterInfo(cluster),
    };
  } catch (error) {
    // `info` must answer also when the swarm has no leader: that is what it is asked for then.
    return { ...local, Error: error instanceof SkeinError ? error.message : 'the managers do not answer' };
  }
}

/** Docker's `/events`: one JSON object a line, from now on, until `until` or the client's end. */
async function* eventLines(backend: Backend, query: Query, reply: FastifyReply): AsyncGenerator<string> {
  const filters = query.filters();
  const until = Number(query.string('until'));
  const context = callContext(reply);
  const limit =
    query.string('until') === '' ? undefined : AbortSignal.timeout(Math.max(0, until * 1000 - Date.now()));
  const signal = limit === undefined ? context.signal : AbortSignal.any([context.signal, limit]);
  try {
    for await (const event of backend.node.control().watchEvents({ ...context, signal })) {
      if (matches(event, filters)) {
        yield `${JSON.stringify(writeEvent(event))}\n`;
      }
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}

function writeEvent(event: ClusterEvent): Record<string, unknown> {
  return {
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.actor.id, Attributes: event.actor.attributes },
    scope: 'swarm',
    time: Math.floor(event.time / 1000),
    timeNano: Math.round(event.time * 1e6),
  };
}

function matches(event: ClusterEvent, filters: Filters): boolean {
  const { name = '' } = event.actor.attributes;
  const tests: Readonly<Record<string, (value: string) => boolean>> = {
    type: (value) => value === event.type,
    event: (value) => value === event.action,
    scope: (value) => value === 'swarm',
    node: (value) => event.type === 'node' && (value === event.actor.id || value === name),
    service: (value) => event.type === 'service' && (value === event.actor.id || value === name),
    network: (value) => event.type === 'network' && (value === event.actor.id || value === name),
    secret: (value) => event.type === 'secret' && (value === event.actor.id || value === name),
    config: (value) => event.type === 'config' && (value === event.actor.id || value === name),
  };
  return Object.entries(filters).every(([key, values]) => {
    const test = tests[key];
    return test === undefined ? false : values.some(test);
  });
}
