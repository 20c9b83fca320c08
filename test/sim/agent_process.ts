// One agent's process on a machine: the worker's part of the daemon over simulated calls, and the certificate's role,
// which follows what the managers wish. Its network comes up by itself; tasks are the executor's.
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import type { DispatcherService, ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { Peer } from '../../shared/protocol/peer.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import type { Random } from '../../shared/random.ts';
import { dispatcherMethods } from '../../shared/wire/methods/dispatcher.ts';
import { Agent } from '../../worker/agent/agent.ts';
import type { AssignmentSet } from '../../worker/agent/assignment_set.ts';
import { node } from '../support/objects.ts';
import { Executor, type Machine } from './executor.ts';
import { hostOf, placeOfAddress, renewalMethods } from './manager_process.ts';
import type { Place } from './network.ts';
import type { Caller, Rpc } from './rpc.ts';
import type { Scope } from './world.ts';

export interface AgentDependencies {
  readonly scope: Scope;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly rpc: Rpc;
  readonly containers: Machine;
  /** The file of known managers, which outlives the process. */
  readonly managersFile: { list: readonly ManagerPeer[] };
  /** What the node's certificate says now. */
  readonly role: () => NodeRole;
  /** A certificate of another role was given. */
  readonly become: (role: NodeRole) => void;
}

export interface AgentOptions {
  readonly place: Place;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly hostname: string;
  readonly seeds: readonly ManagerPeer[];
}

const RENEWAL_RETRY_MS = 500;

export class AgentProcess {
  readonly scope: Scope;
  readonly executor: Executor;
  private readonly on: AgentDependencies;
  private readonly options: AgentOptions;
  private readonly agent: Agent;
  private renewing = false;

  constructor(dependencies: AgentDependencies, options: AgentOptions) {
    this.on = dependencies;
    this.options = options;
    const { clock, random, scope } = dependencies;
    this.scope = scope;
    this.executor = new Executor({ clock, random }, dependencies.containers);
    this.agent = this.makeAgent();
    this.agent.onSession((message) => this.follow(message.desiredRole));
  }

  start(): void {
    void this.agent.start();
  }

  /** The assignments that the agent holds now. */
  get assignments(): AssignmentSet | undefined {
    return Reflect.get(this.agent, 'assignments') as AssignmentSet | undefined;
  }

  private makeAgent(): Agent {
    const { clock, random, rpc, managersFile } = this.on;
    const { place, nodeId, hostname, seeds } = this.options;
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
        managersFile: {
          load: async () => managersFile.list,
          save: async (managers) => {
            managersFile.list = managers;
          },
        },
      },
      {
        nodeId,
        managers: seeds,
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

  /** The managers wish another role: a new certificate is asked for until it is given. */
  private follow(desired: NodeRole): void {
    if (desired === this.on.role() || this.renewing) {
      return;
    }
    this.renewing = true;
    const done = () => {
      this.renewing = false;
    };
    this.renew(desired).then(done, done);
  }

  private async renew(desired: NodeRole): Promise<void> {
    const { rpc, clock, scope, role, managersFile } = this.on;
    while (!scope.dead && role() !== desired) {
      for (const { address } of managersFile.list) {
        try {
          const remote = rpc.client(renewalMethods, this.caller(), placeOfAddress(address));
          this.on.become(await remote.renew({ nodeId: this.options.nodeId }, localContext()));
          return;
        } catch {
          // Another manager, or later: the role is only a wish so far.
        }
      }
      await clock.sleep(RENEWAL_RETRY_MS);
    }
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}

export function localContext(signal = new AbortController().signal) {
  return { peer: { kind: 'local' } as const, signal };
}

function raise(text: string): never {
  throw new Error(text);
}
