// What a client asks before anything else: ping, version, info; and the cluster's events.
import { arch, platform, totalmem, cpus } from 'node:os';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ChildAbort } from '../../../shared/child_abort.ts';
import { SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { ClusterEvent, Filters } from '../../../shared/protocol/control.ts';
import type { Backend, LocalNode } from '../backend.ts';
import { timestamp } from '../json/fields.ts';
import { writeClusterInfo } from '../json/swarm.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import { notImplemented } from '../errors.ts';
import { callContext, Query } from '../request.ts';
import { sendStream } from '../streaming.ts';
import { API_VERSION, MIN_API_VERSION } from '../version.ts';

export function systemRoutes(
  app: FastifyInstance,
  backend: Backend,
  { log }: { readonly log: Logger },
): void {
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
    const filters = query.filters();
    const context = untilTime(callContext(reply), query);
    const events = backend.node.control().watchEvents(context);
    return sendStream(reply, 'application/json', eventLines(events, filters, context), log);
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
  const counts = backend.containerCounts();
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
      Authorization: [],
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
    // Docker's commands before 23.0 warn about these when they are missing: cgroup v2 has no such switch, and
    // a routed network does not pass the bridge filter.
    OomKillDisable: host.cgroupVersion === '1',
    BridgeNfIptables: true,
    BridgeNfIp6tables: true,
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
    GenericResources: [],
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
    Warnings: host.warnings,
  };
}

/** `info` waits this long for managers that may have lost their majority, in ms. */
const SWARM_INFO_MS = 3_000;

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
    const context = limited(callContext(reply), SWARM_INFO_MS);
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

/** Node's timers take no longer delay, in ms (24 days). */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A client's clock may be this far behind when it asks for events from now on, in ms. */
const SINCE_SLACK_MS = 60_000;

/** The call ends with the client, as before, or after this long. */
function limited({ peer, signal }: CallContext, withinMs: number): CallContext {
  const child = new ChildAbort(signal);
  const timer = setTimeout(() => child.abort(), withinMs);
  child.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return { peer, signal: child.signal };
}

/** The call ends with the client, or at the time `until`. There is no past to tell of. */
function untilTime(context: CallContext, query: Query): CallContext {
  const since = query.time('since');
  if (since !== undefined && since < Date.now() - SINCE_SLACK_MS) {
    throw notImplemented('events of the past (--since)');
  }
  const until = query.time('until');
  if (until === undefined) {
    return context;
  }
  const wait = Math.min(MAX_TIMER_MS, Math.max(0, until - Date.now()));
  return limited(context, Math.ceil(wait));
}

/** Docker's `/events`: one JSON object a line, from now on, until the call ends. */
async function* eventLines(
  events: AsyncIterable<ClusterEvent>,
  filters: Filters,
  context: CallContext,
): AsyncGenerator<string> {
  try {
    for await (const event of events) {
      if (matches(event, filters)) {
        yield `${JSON.stringify(writeEvent(event))}\n`;
      }
    }
  } catch (error) {
    if (!context.signal.aborted) {
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
