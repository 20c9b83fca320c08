// One agent's process on a machine: the worker's part of the daemon over simulated calls, and the certificate's role,
// which follows what the managers wish. Its network comes up by itself; tasks are the executor's.
import { CertificateKeeper } from '../../daemon/node/certificate_keeper.ts';
import type { Clock } from '../../shared/clock.ts';
import { CurrentIdentity, type Identity } from '../../shared/identity/identity.ts';
import type { Logger } from '../../shared/log.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import type { DispatcherService, ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { Peer } from '../../shared/protocol/peer.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import type { Random } from '../../shared/random.ts';
import { dispatcherMethods } from '../../shared/wire/methods/dispatcher.ts';
import { Agent } from '../../worker/agent/agent.ts';
import type { AssignmentSet } from '../../worker/agent/assignment_set.ts';
import { NodeAttachments } from '../../worker/attachment/attachments.ts';
import type { ClaimStorage } from '../../worker/attachment/claim_file.ts';
import { node } from '../support/objects.ts';
import { Executor, type Machine } from './executor.ts';
import { hostOf, placeOfAddress, renewalMethods } from './manager_process.ts';
import type { Place } from './network.ts';
import { ContainerUsers, type PlainContainers } from './plain_containers.ts';
import type { Caller, Rpc } from './rpc.ts';
import type { Scope, World } from './world.ts';

export interface AgentDependencies {
  readonly scope: Scope;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly rpc: Rpc;
  readonly containers: Machine;
  /** What the node's own containers hold on networks, which outlives the process. */
  readonly claims: ClaimStorage;
  readonly world: World;
  readonly plainContainers: PlainContainers;
  /** Of all machines that stand. */
  readonly everywhere: () => readonly PlainContainers[];
  /** The managers as the node's state file has them, which outlives the process. */
  readonly managers: { list: readonly ManagerPeer[] };
  /** What the node's certificate says now. */
  readonly role: () => NodeRole;
  /** A certificate was given and written down. */
  readonly certify: (role: NodeRole) => void;
  /** Its role is to be taken up, or taken up anew. */
  readonly takeUp: (role: NodeRole) => void;
}

export interface AgentOptions {
  readonly place: Place;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly hostname: string;
}

/** No history is so long: certificates are renewed for their role alone. */
const YEAR_MS = 365 * 24 * 3_600_000;

export class AgentProcess {
  readonly scope: Scope;
  readonly executor: Executor;
  private readonly on: AgentDependencies;
  private readonly options: AgentOptions;
  readonly attachments: NodeAttachments;
  private readonly users: ContainerUsers;
  private readonly agent: Agent;
  private readonly keeper: CertificateKeeper;

  constructor(dependencies: AgentDependencies, options: AgentOptions) {
    this.on = dependencies;
    this.options = options;
    const { clock, random, scope } = dependencies;
    this.scope = scope;
    this.executor = new Executor({ clock, random }, dependencies.containers);
    this.attachments = new NodeAttachments({
      clock,
      random,
      logger: dependencies.log,
      file: dependencies.claims,
    });
    this.users = new ContainerUsers({
      scope,
      world: dependencies.world,
      random: dependencies.world.random(`${scope.name} users`),
      attachments: this.attachments,
      machine: dependencies.plainContainers,
      everywhere: dependencies.everywhere,
    });
    this.agent = this.makeAgent();
    this.keeper = this.makeKeeper();
    this.agent.onSession(({ managers, desiredRole }) => {
      if (managers.length > 0) {
        dependencies.managers.list = managers;
      }
      const listed = managers.length === 0 || managers.some(({ nodeId }) => nodeId === options.nodeId);
      this.keeper.noteDesiredRole(desiredRole, listed);
    });
  }

  start(): void {
    void this.attachments.start().then(() => this.agent.start());
    this.users.start();
    this.keeper.start();
  }

  /** The assignments that the agent holds now. */
  get assignments(): AssignmentSet | undefined {
    return Reflect.get(this.agent, 'assignments') as AssignmentSet | undefined;
  }

  private makeAgent(): Agent {
    const { clock, random, rpc, managers } = this.on;
    const { place, nodeId, hostname } = this.options;
    const caller = this.caller();
    return new Agent(
      {
        clock,
        random,
        logger: this.on.log,
        dialer: {
          dispatcher: (address): DispatcherService =>
            rpc.client(dispatcherMethods, caller, placeOfAddress(address)),
          logs: () => ({
            subscribe: () => nothing(),
            listen: () => nothing(),
            publish: async () => undefined,
          }),
        },
        tasks: this.executor,
        network: this.network(),
        logs: { serve: () => new Promise(() => undefined) },
        attachments: this.attachments,
      },
      {
        nodeId,
        managers: managers.list,
        description: node({ id: hostname }).description ?? raise('no description'),
        address: hostOf(place),
        vtepAddress: hostOf(place),
      },
    );
  }

  private network() {
    const { clock, random } = this.on;
    const listeners = new Set<(networkId: string, version: number) => void>();
    return {
      setIdentity: () => undefined,
      removeView: () => undefined,
      retainViews: async () => undefined,
      setView: (view: NetworkView) => {
        clock.after(1 + random.next() * 30, () => {
          for (const listener of listeners) {
            listener(view.networkId, view.version);
          }
        });
      },
      onEncryption: () => () => undefined,
      onApplied: (listener: (networkId: string, version: number) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }

  private caller(): Caller {
    const { scope, role } = this.on;
    const { place, nodeId, clusterId } = this.options;
    const peer: Peer = { kind: 'node', nodeId, role: role(), clusterId, address: hostOf(place) };
    return { scope, place, peer };
  }

  /** The daemon's own keeper, over certificates that are nothing but a role. */
  private makeKeeper(): CertificateKeeper {
    const { rpc, clock, log, role, managers, certify, takeUp } = this.on;
    const { nodeId, clusterId } = this.options;
    const identity = (held: NodeRole): Identity => {
      return { nodeId, clusterId, role: held, certificateChainPem: '', keyPem: '', rootPem: '' };
    };
    return new CertificateKeeper(
      {
        clock,
        log,
        identity: new CurrentIdentity(identity(role())),
        renewals: {
          renew: async (_before, addresses) => {
            let failure: unknown = new Error('no manager is known');
            for (const address of addresses) {
              try {
                const remote = rpc.client(renewalMethods, this.caller(), placeOfAddress(address));
                return identity(await remote.renew({ nodeId }, localContext()));
              } catch (error) {
                failure = error;
              }
            }
            throw failure;
          },
          renewAt: () => clock.now() + YEAR_MS,
        },
        save: async (renewed) => certify(renewed.role),
        managers: () => managers.list.map(({ address }) => address),
        onRole: async (renewed) => takeUp(renewed),
      },
      { listed: managers.list.some((manager) => manager.nodeId === nodeId) },
    );
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}

export function localContext(signal = new AbortController().signal) {
  return { peer: { kind: 'local' } as const, signal };
}

function raise(text: string): never {
  throw new Error(text);
}
